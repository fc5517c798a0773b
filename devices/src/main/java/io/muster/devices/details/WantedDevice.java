package io.muster.devices.details;

import io.muster.devices.DeviceId;
import java.util.Map;
import java.util.Optional;

/**
 * A device that somebody wants, who leaves its secret to the registry.
 *
 * @param productKey its product
 * @param deviceKey empty for a generated one of 10 letters and digits
 * @param tags what is said of it
 */
public record WantedDevice(
        String productKey, Optional<String> deviceKey, Map<String, String> tags) {

    /**
     * Checks the keys; the tags are checked when it is created.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public WantedDevice {
        DeviceId.requireProductKey(productKey);
        deviceKey.ifPresent(key -> new DeviceId(productKey, key));
        tags = Map.copyOf(tags);
    }
}
