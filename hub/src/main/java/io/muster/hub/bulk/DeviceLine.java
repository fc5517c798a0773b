package io.muster.hub.bulk;

import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.NewDevice;
import io.muster.devices.registry.DeviceValues;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** A device as a line names it, checked. */
final class DeviceLine {

    private static final int SHOWN_MAX = 64;
    private static final Optional<DeviceStatus> DISABLED = Optional.of(DeviceStatus.DISABLED);

    private DeviceLine() {}

    /**
     * Checks all of it. A device without a secret gets a new one. Whatever state it had elsewhere,
     * it is new here; only that it is barred does not end with that.
     *
     * @param secret empty if one is to be made
     * @param attributes JSON texts
     * @param state empty if none is known
     * @throws IllegalArgumentException saying what is wrong and what is allowed; it shows no secret
     */
    static NewDevice of(
            String deviceKey,
            Optional<String> secret,
            Optional<String> name,
            Map<String, String> tags,
            Map<String, String> attributes,
            Optional<String> state) {
        if (!DeviceId.isDeviceKey(deviceKey)) {
            throw new IllegalArgumentException(
                    "deviceKey '%s' is not 1 to 64 letters, digits and _ - . : @ &"
                            .formatted(shown(deviceKey)));
        }
        name.ifPresent(DeviceDetails::requireName);
        DeviceValues.Kind.TAG.requireAll(tags);
        DeviceValues.Kind.ATTRIBUTE.requireAll(attributes);
        boolean isDisabled = state.map(DeviceLine::status).equals(DISABLED);
        return new NewDevice(
                deviceKey,
                secret.map(Secret::chosen).orElseGet(Secret::generate),
                name,
                tags,
                attributes,
                isDisabled);
    }

    private static DeviceStatus status(String name) {
        return Arrays.stream(DeviceStatus.values())
                .filter(status -> status.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "state '%s' is not one of %s"
                                                .formatted(
                                                        shown(name),
                                                        Arrays.toString(DeviceStatus.values()))));
    }

    private static String shown(String key) {
        String start = key.length() > SHOWN_MAX ? key.substring(0, SHOWN_MAX) + "..." : key;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
