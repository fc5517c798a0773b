package io.muster.hub.gateways;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.directory.DeviceStateListener;
import io.muster.hub.protocol.Envelope;
import io.muster.hub.protocol.ServiceTopic.Root;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells gateways what operators do with the devices that they speak for: {@code combine/disable},
 * {@code enable} and {@code delete}. Only a gateway that is connected is told. Shared; never
 * blocks.
 */
final class GatewayNotices implements DeviceStateListener {

    private static final Logger log = LoggerFactory.getLogger(GatewayNotices.class);

    private static final Duration AGE_MAX = Duration.ofMinutes(1);

    private final SubDevices subDevices;
    private final Supplier<String> numbers;
    private final Clock clock;

    /**
     * Notices to the gateways in {@code subDevices}.
     *
     * @param numbers makes the identifiers of messages that the hub sends by itself
     */
    GatewayNotices(SubDevices subDevices, Supplier<String> numbers, Clock clock) {
        this.subDevices = subDevices;
        this.numbers = numbers;
        this.clock = clock;
    }

    @Override
    public void changed(Device device, DeviceStatus before) {
        DeviceId id = device.id();
        if (device.status() == DeviceStatus.DISABLED) {
            var unused = subDevices.endIfDisabled(device);
            tell(id, "disable");
        } else if (before == DeviceStatus.DISABLED) {
            tell(id, "enable");
        }
    }

    private void tell(DeviceId id, String what) {
        subDevices.speakerOf(id).ifPresent(gateway -> tell(gateway, id, what));
    }

    /** The device is deleted, or removed from its gateway, which goes on without it. */
    void removed(GatewayLink gateway, DeviceId id) {
        tell(gateway, id, "delete");
    }

    private void tell(GatewayLink gateway, DeviceId id, String what) {
        ObjectNode envelope =
                Envelope.object()
                        .put("id", numbers.get())
                        .put("version", "1.0")
                        .put("method", "combine." + what);
        ObjectNode device =
                gateway.readsSingleDevices()
                        ? envelope.putObject("params")
                        : envelope.putArray("params").addObject();
        device.put("productKey", id.productKey()).put("deviceKey", id.deviceKey());
        Message message =
                new Message(
                        Root.SESSION.topic(gateway.id(), "combine/" + what),
                        Envelope.payload(envelope),
                        Qos.AT_LEAST_ONCE,
                        false,
                        "",
                        clock.millis() + AGE_MAX.toMillis(),
                        PublishProperties.NONE);
        subDevices
                .send(gateway, message)
                .whenComplete(
                        (sent, failure) ->
                                log.info(
                                        "gateway told gateway={} device={} what={} sent={}",
                                        gateway.id(),
                                        id,
                                        what,
                                        failure == null ? sent : new Quoted(failure.toString())));
    }
}
