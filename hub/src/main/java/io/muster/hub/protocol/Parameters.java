package io.muster.hub.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.registry.DeviceValues;
import java.util.LinkedHashSet;
import java.util.Set;

/** Reads the parameters of requests; what is not as it must be is refused by its name. */
public final class Parameters {

    /** Up to here a double has all whole numbers. */
    private static final double TIME_MAX = 1L << 53;

    private static final int TEXTS_MAX = DeviceValues.COUNT_MAX;

    private Parameters() {}

    /** {@code value} if it is an object. */
    public static JsonNode requireObject(String name, JsonNode value) {
        if (!value.isObject()) {
            throw notA(name, value, "an object");
        }
        return value;
    }

    /** {@code value} if it is an array. */
    public static JsonNode requireArray(String name, JsonNode value) {
        if (!value.isArray()) {
            throw notA(name, value, "an array");
        }
        return value;
    }

    /** {@code value} if it is an array of 1 to {@code max} entries. */
    public static JsonNode requireFew(String name, JsonNode value, int max) {
        int size = requireArray(name, value).size();
        if (size < 1 || size > max) {
            throw RefusedRequestException.badParameter(
                    "%s has %d entries; 1 to %d are allowed".formatted(name, size, max));
        }
        return value;
    }

    /** The text of {@code value} if it is one. */
    public static String requireText(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw notA(name, value, "a text");
        }
        return value.textValue();
    }

    /** The texts of an array of them, each once. */
    public static Set<String> requireTexts(String name, JsonNode value) {
        Set<String> texts = new LinkedHashSet<>();
        if (requireArray(name, value).size() > TEXTS_MAX) {
            throw RefusedRequestException.badParameter(
                    "%s has %d entries; at most %d are allowed"
                            .formatted(name, value.size(), TEXTS_MAX));
        }
        for (JsonNode each : value) {
            texts.add(requireText(name + "[]", each));
        }
        return texts;
    }

    /**
     * A time in milliseconds since 1970. A fraction, as clocks of some languages have it, is cut
     * off.
     *
     * @param absent what counts if {@code value} is not there
     */
    public static long time(String name, JsonNode value, long absent) {
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(Math.abs(number) < TIME_MAX)) {
            throw notA(name, value, "a number of milliseconds since 1970");
        }
        return (long) number;
    }

    private static RefusedRequestException notA(String name, JsonNode value, String wanted) {
        return RefusedRequestException.badParameter(
                value.isMissingNode()
                        ? "%s is missing; it must be %s".formatted(name, wanted)
                        : "%s is not %s".formatted(name, wanted));
    }
}
