package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Envelope;

/**
 * Something a device has said, as applications are told it: one JSON shape for all.
 *
 * @param device who said it, or whom it is about
 * @param kind what it is
 * @param name which one of its kind; empty if there is one only
 * @param timeMillis when it was so, by the device, in milliseconds since 1970
 * @param receivedMillis when the hub heard of it
 * @param data as the device sent it
 */
record Report(
        DeviceId device,
        Kind kind,
        String name,
        long timeMillis,
        long receivedMillis,
        JsonNode data) {

    /** What is told of devices; named by the last levels of its topic. */
    enum Kind {
        MEASUREPOINTS("measurepoints"),
        /** Measure points of earlier, which say nothing of the present. */
        LATE_MEASUREPOINTS("measurepoints/late"),
        EVENT("events"),
        /** What is the device's own business with an application, in Base64. */
        RAW("raw"),
        ATTRIBUTES("attributes"),
        TAGS("tags"),
        FIRMWARE("firmware"),
        LOG("log"),
        NETWORK("network"),
        CONNECTION("connection");

        private final String levels;

        Kind(String levels) {
            this.levels = levels;
        }
    }

    /** A report of something that there is only one of. */
    static Report of(DeviceId device, Kind kind, long timeMillis, long nowMillis, JsonNode data) {
        return new Report(device, kind, "", timeMillis, nowMillis, data);
    }

    /** Where applications hear of it. */
    String topic() {
        return topic(device, kind, name);
    }

    /** Where applications hear of something of this kind and name. */
    static String topic(DeviceId device, Kind kind, String name) {
        String topic = "$muster/devices/" + device + "/" + kind.levels;
        return name.isEmpty() ? topic : topic + "/" + name;
    }

    /** What they hear. */
    Message message() {
        ObjectNode body =
                Envelope.object()
                        .put("productKey", device.productKey())
                        .put("deviceKey", device.deviceKey())
                        .put("kind", kind.levels);
        if (!name.isEmpty()) {
            body.put("name", name);
        }
        body.put("time", timeMillis).put("receivedAt", receivedMillis).set("data", data);
        return Message.of(topic(), Envelope.payload(body), Qos.AT_LEAST_ONCE, false);
    }
}
