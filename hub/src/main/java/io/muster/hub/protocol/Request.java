package io.muster.hub.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;

/**
 * What a device asks.
 *
 * @param device whom it is about
 * @param publisher who asks: the device itself, or its gateway
 * @param rest the end of the topic, with slashes
 * @param envelope the whole object that was sent
 * @param bytes how many it had on the wire
 */
public record Request(
        DeviceId device, String publisher, String rest, JsonNode envelope, int bytes) {

    /** Its {@code params}; a missing node if there are none. */
    public JsonNode params() {
        return envelope.path("params");
    }

    /** The parameters, which must be an object. */
    public JsonNode object() {
        return Parameters.requireObject("params", params());
    }
}
