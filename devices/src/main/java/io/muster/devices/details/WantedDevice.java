package io.muster.devices.details;

import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import java.util.Map;
import java.util.Optional;

/**
 * A device that somebody wants.
 *
 * @param productKey its product
 * @param deviceKey empty for a generated one of 10 letters and digits
 * @param secret see {@link Secret#chosen}; empty for one that is made
 * @param name for people, 1 to 100 characters; empty for none
 * @param tags what is said of it
 * @param attributes what it says of itself, as JSON texts
 */
public record WantedDevice(
        String productKey,
        Optional<String> deviceKey,
        Optional<Secret> secret,
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
