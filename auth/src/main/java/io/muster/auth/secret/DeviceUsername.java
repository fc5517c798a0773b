package io.muster.auth.secret;

import io.muster.devices.DeviceId;
import java.util.Optional;

/**
 * A user name of the form {@code deviceKey&productKey}; the keys are as sent and may be anything.
 *
 * @param deviceKey before the last ampersand, since a device key may hold one
 * @param productKey after it
 */
record DeviceUsername(String deviceKey, String productKey) {

    private static final int MAX_LENGTH = 256;

    /** The two keys, or empty if there is no ampersand. */
    static Optional<DeviceUsername> parse(String username) {
        int ampersand = username.lastIndexOf('&');
        if (ampersand < 0) {
            return Optional.empty();
        }
        return Optional.of(
                new DeviceUsername(
                        username.substring(0, ampersand), username.substring(ampersand + 1)));
    }

    /** Whether it is longer than any device could need, so that it is not worth a digest. */
    boolean isTooLong() {
        return deviceKey.length() + productKey.length() > MAX_LENGTH;
    }

    /** The device, or empty if no device can have such keys. */
    Optional<DeviceId> id() {
        if (DeviceId.isProductKey(productKey) && DeviceId.isDeviceKey(deviceKey)) {
            return Optional.of(new DeviceId(productKey, deviceKey));
        }
        return Optional.empty();
    }
}
