package io.muster.hub.commands;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is asked of a device.
 *
 * @param method {@code thing.service.{name}}, {@code thing.service.measurepoint.set} or {@code
 *     .get}, {@code ota.device.upgrade}, {@code traffic.control}
 * @param params an object or an array
 * @param timeout how long its answer is awaited, 1 to 60 seconds
 */
public record Command(String method, JsonNode params, Duration timeout) {

    /** How long an answer is awaited if nobody says otherwise. */
    public static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(10);

    /** The longest that an answer is awaited. */
    public static final Duration TIMEOUT_MAX = Duration.ofSeconds(60);

    private static final String SERVICE = "thing.service.";
    private static final Pattern SERVICE_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** Those whose names have further dots. */
    private static final Map<String, String> FIXED =
            Map.of(
                    "thing.service.measurepoint.set", "thing/service/measurepoint/set",
                    "thing.service.measurepoint.get", "thing/service/measurepoint/get",
                    "ota.device.upgrade", "ota/device/upgrade",
                    "traffic.control", "traffic/control");

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public Command {
        if (!isMethod(method)) {
            throw new IllegalArgumentException(
                    "method '%s' is not thing.service.{name}, %s"
                            .formatted(
                                    method,
                                    String.join(", ", FIXED.keySet().stream().sorted().toList())));
        }
        if (!params.isObject() && !params.isArray()) {
            throw new IllegalArgumentException("params is not an object or an array");
        }
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException(
                    "timeout is not 1 to " + TIMEOUT_MAX.toSeconds() + " seconds");
        }
    }

    private static boolean isMethod(String method) {
        return FIXED.containsKey(method)
                || (method.startsWith(SERVICE)
                        && SERVICE_NAME.matcher(method.substring(SERVICE.length())).matches());
    }

    /** The end of the topic on which the device is asked. */
    String rest() {
        return FIXED.getOrDefault(method, method.replace('.', '/'));
    }
}
