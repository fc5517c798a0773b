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

    /** A shorter secret, which somebody chose, could be found by trying. */
    private static final int SECRET_MIN = 8;

    private static final int SECRET_MAX = 64;

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
                deviceKey, secret.map(DeviceLine::secret).orElseGet(Secret::generate), name, tags);
    }

    private static Secret secret(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("deviceSecret has control characters");
        }
        if (text.length() < SECRET_MIN || text.length() > SECRET_MAX) {
            throw new IllegalArgumentException(
                    "deviceSecret has %d characters; %d to %d are allowed"
                            .formatted(text.length(), SECRET_MIN, SECRET_MAX));
        }
        return Secret.of(text);
    }

    private static String shown(String key) {
        String start = key.length() > SHOWN_MAX ? key.substring(0, SHOWN_MAX) + "..." : key;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
