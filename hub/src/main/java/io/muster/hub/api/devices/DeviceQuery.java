package io.muster.hub.api.devices;

import io.muster.devices.DeviceStatus;
import io.muster.devices.registry.search.DeviceSearch;
import io.muster.devices.registry.search.DeviceSearch.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The query parameters by which devices are looked for. */
public final class DeviceQuery {

    /** Those that may be there once. */
    public static final Set<String> ONCE =
            Set.of("status", "keyPrefix", "namePrefix", "secrets", "tags", "attributes");

    /** That which may be there several times. */
    public static final String TAG = "tag";

    private DeviceQuery() {}

    /**
     * Which devices the parameters ask for.
     *
     * @param parameters by their names
     * @param productKey of which product; empty for all
     * @throws IllegalArgumentException naming the parameter that is wrong and what is allowed
     */
    public static DeviceSearch read(
            Map<String, List<String>> parameters, Optional<String> productKey) {
        return new DeviceSearch(
                productKey,
                first(parameters, "status").map(DeviceQuery::status),
                first(parameters, "keyPrefix").orElse(""),
                first(parameters, "namePrefix").orElse(""),
                parameters.getOrDefault(TAG, List.of()).stream().map(DeviceQuery::tag).toList());
    }

    /**
     * Whether something more is to be shown.
     *
     * @throws IllegalArgumentException if the parameter is there and not {@code true}
     */
    public static boolean isShown(Map<String, List<String>> parameters, String name) {
        Optional<String> value = first(parameters, name);
        if (value.isPresent() && !value.get().equals("true")) {
            throw new IllegalArgumentException(
                    "the query parameter '%s' is '%s', but must be true"
                            .formatted(name, value.get()));
        }
        return value.isPresent();
    }

    private static Optional<String> first(Map<String, List<String>> parameters, String name) {
        return parameters.getOrDefault(name, List.of()).stream().findFirst();
    }

    private static DeviceStatus status(String name) {
        return Arrays.stream(DeviceStatus.values())
                .filter(status -> status.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        ("the query parameter 'status' is '%s', but must be"
                                                        + " one of %s")
                                                .formatted(
                                                        name,
                                                        Arrays.toString(DeviceStatus.values()))));
    }

    private static Tag tag(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(
                    "the query parameter 'tag' is '" + text + "', but must be name=value");
        }
        return new Tag(text.substring(0, equals), text.substring(equals + 1));
    }
}
