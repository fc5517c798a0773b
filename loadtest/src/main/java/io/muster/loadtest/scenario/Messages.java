package io.muster.loadtest.scenario;

import io.muster.loadtest.payload.Payload;
import io.muster.loadtest.payload.Stamp;
import io.muster.loadtest.payload.Template;
import org.jspecify.annotations.Nullable;

/**
 * What is published. An immutable value.
 *
 * @param payloadBytes size of each payload that is not made of a template
 * @param template what payloads are made of; null for the stamp and zeros
 * @param qos quality of service of publications and of subscriptions
 * @param perDevice how many messages each device publishes; 0 as many as there is time for
 */
public record Messages(int payloadBytes, @Nullable Template template, int qos, long perDevice) {

    private static final int PAYLOAD_BYTES_MAX = 1_000_000;
    private static final int PER_DEVICE_MAX = 10_000_000;

    /** Checks the ranges. */
    public Messages {
        Range.check("--payload-size", payloadBytes, Stamp.BYTES, PAYLOAD_BYTES_MAX);
        Range.check("--qos", qos, 0, 2);
        Range.check("--messages", perDevice, 0, PER_DEVICE_MAX);
    }

    /**
     * The same for a broker that has to keep them: so many for each device, and with
     * acknowledgements, without which nobody knows when they are kept.
     */
    public Messages kept(long count) {
        Range.check("--messages", count, 1, PER_DEVICE_MAX);
        Range.check("--qos", qos, 1, 2);
        return new Messages(payloadBytes, template, qos, count);
    }

    /** Makes the payloads of one device. */
    public Payload payloadOf(String deviceKey) {
        return template == null ? Payload.ofSize(payloadBytes) : template.payloadOf(deviceKey);
    }
}
