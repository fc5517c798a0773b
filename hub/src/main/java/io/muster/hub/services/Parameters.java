package io.muster.hub.services;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;

/** Reads the parameters of requests; what is not as it must be is refused by its name. */
final class Parameters {

    private Parameters() {}

    /** {@code value} if it is an object. */
    static JsonNode requireObject(String name, JsonNode value) {
        if (!value.isObject()) {
            throw notA(name, value, "an object");
        }
        return value;
    }

    /** {@code value} if it is an array. */
    static JsonNode requireArray(String name, JsonNode value) {
        if (!value.isArray()) {
            throw notA(name, value, "an array");
        }
        return value;
    }

    /** The text of {@code value} if it is one. */
    static String requireText(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw notA(name, value, "a text");
        }
        return value.textValue();
    }

    /** The texts of an array of them, each once. */
    static Set<String> requireTexts(String name, JsonNode value) {
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode each : requireArray(name, value)) {
            texts.add(requireText(name + "[]", each));
        }
        return texts;
    }

    /**
     * A time in milliseconds since 1970.
     *
     * @param absent what counts if {@code value} is not there
     */
    static long time(String name, JsonNode value, long absent) {
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw notA(name, value, "a whole number of milliseconds since 1970");
        }
        return value.longValue();
    }

    private static RefusedRequestException notA(String name, JsonNode value, String wanted) {
        return RefusedRequestException.badParameter(
                value.isMissingNode()
                        ? "%s is missing; it must be %s".formatted(name, wanted)
                        : "%s is not %s".formatted(name, wanted));
    }
}
