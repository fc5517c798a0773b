package io.muster.hub.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.broker.message.Payload;
import java.io.IOException;

/**
 * The JSON objects that requests, commands and answers come in. They are written without blanks:
 * there are devices that would take those for a part of the value.
 */
public final class Envelope {

    /** The largest that is read; larger ones the device SDKs do not send. */
    public static final int BYTES_MAX = 512 * 1024;

    private static final int NESTING_MAX = 50;

    /** Numbers stay as exact as they were sent. */
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    // Devices choose the names; the JVM would keep each.
                                    .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(NESTING_MAX)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private Envelope() {}

    /**
     * Reads an object.
     *
     * @throws RefusedRequestException if it is empty, too large, or no JSON object
     */
    public static JsonNode read(Payload payload) {
        if (payload.isEmpty()) {
            throw new RefusedRequestException(ReplyCode.EMPTY, "payload is empty");
        }
        if (payload.size() > BYTES_MAX) {
            throw new RefusedRequestException(
                    ReplyCode.TOO_LARGE,
                    "payload of %d bytes is larger than %d".formatted(payload.size(), BYTES_MAX));
        }
        JsonNode value = value(payload);
        if (value.isMissingNode()) {
            throw new RefusedRequestException(ReplyCode.NOT_JSON, "payload is blank");
        }
        if (!value.isObject()) {
            throw RefusedRequestException.badParameter("payload is not a JSON object");
        }
        return value;
    }

    private static JsonNode value(Payload payload) {
        try {
            return JSON.readTree(payload.bytes());
        } catch (IOException notJson) {
            throw new RefusedRequestException(ReplyCode.NOT_JSON, "payload is not valid JSON");
        }
    }

    /** The {@code id} of an envelope as text; empty if it has none. */
    public static String id(JsonNode envelope) {
        JsonNode id = envelope.path("id");
        return id.isTextual() || id.isIntegralNumber() ? id.asText() : "";
    }

    /** Parses one value that was written by {@link #text}. */
    public static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("not JSON: stored value", damaged);
        }
    }

    /** An array without entries. */
    public static ArrayNode array() {
        return JSON.createArrayNode();
    }

    /** An object without fields. */
    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** The compact text of a value. */
    public static String text(JsonNode value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A payload of the compact text of a value. */
    public static Payload payload(JsonNode value) {
        try {
            return Payload.of(JSON.writeValueAsBytes(value));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
