package io.muster.devices.details;

import io.muster.devices.DeviceId;
import java.util.Map;
import java.util.Optional;

/**
 * A device that somebody wants, who leaves its secret to the registry.
 *
 * @param productKey its product
 * @param deviceKey empty for a generated one of 10 letters and digits
 * @param name for people, 1 to 100 characters; empty for none
 * @param tags what is said of it
 * @param attributes what it says of itself, as JSON texts
 */
public record WantedDevice(
        String productKey,
        Optional<String> deviceKey,
        Optional<String> name,
        Map<String, String> tags,
        Map<String, String> attributes) {

    /**
     * Checks keys and name; tags and attributes are checked when it is created.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public WantedDevice {
        DeviceId.requireProductKey(productKey);
        deviceKey.ifPresent(key -> new DeviceId(productKey, key));
        name.ifPresent(DeviceDetails::requireName);
        tags = Map.copyOf(tags);
        attributes = Map.copyOf(attributes);
    }
}
