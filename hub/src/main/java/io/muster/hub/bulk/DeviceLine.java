package io.muster.hub.bulk;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.NewDevice;
import io.muster.devices.registry.DeviceValues;
import java.util.Map;
import java.util.Optional;

/** A device as a line names it, checked. */
final class DeviceLine {

    private static final int SHOWN_MAX = 64;

    private DeviceLine() {}

    /**
     * Checks all of it. A device without a secret gets a new one.
     *
     * @param secret empty if one is to be made
     * @throws IllegalArgumentException saying what is wrong and what is allowed; it shows no secret
     */
    static NewDevice of(
            String deviceKey,
            Optional<String> secret,
            Optional<String> name,
            Map<String, String> tags) {
        if (!DeviceId.isDeviceKey(deviceKey)) {
            throw new IllegalArgumentException(
                    "deviceKey '%s' is not 1 to 64 letters, digits and _ - . : @ &"
                            .formatted(shown(deviceKey)));
        }
        name.ifPresent(DeviceDetails::requireName);
        DeviceValues.Kind.TAG.requireAll(tags);
        return new NewDevice(
                deviceKey, secret.map(Secret::chosen).orElseGet(Secret::generate), name, tags);
    }

    private static String shown(String key) {
        String start = key.length() > SHOWN_MAX ? key.substring(0, SHOWN_MAX) + "..." : key;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
