package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Parameters;

/**
 * What a device asks.
 *
 * @param device who asks
 * @param rest the end of the topic, with slashes
 * @param envelope the whole object that was sent
 * @param bytes how many it had on the wire
 */
record Request(DeviceId device, String rest, JsonNode envelope, int bytes) {

    /** Its {@code params}; a missing node if there are none. */
    JsonNode params() {
        return envelope.path("params");
    }

    /** The parameters, which must be an object. */
    JsonNode object() {
        return Parameters.requireObject("params", params());
    }
}
