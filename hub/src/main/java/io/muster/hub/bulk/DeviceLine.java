package io.muster.hub.bulk;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.util.Optional;

/**
 * A device as a line names it.
 *
 * @param deviceKey see {@link DeviceId}
 * @param secret empty if one is to be made
 */
record DeviceLine(String deviceKey, Optional<Secret> secret) {

    private static final int SHOWN_MAX = 64;

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed; it shows no secret
     */
    static DeviceLine of(String deviceKey, Optional<String> secret) {
        if (!DeviceId.isDeviceKey(deviceKey)) {
            throw new IllegalArgumentException(
                    "deviceKey '%s' is not 1 to 64 letters, digits and _ - . : @ &"
                            .formatted(shown(deviceKey)));
        }
        return new DeviceLine(deviceKey, secret.map(DeviceLine::secret));
    }

    private static Secret secret(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("deviceSecret has control characters");
        }
        return Secret.of(text);
    }

    private static String shown(String key) {
        String start = key.length() > SHOWN_MAX ? key.substring(0, SHOWN_MAX) + "..." : key;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
