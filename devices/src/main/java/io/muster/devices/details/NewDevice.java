package io.muster.devices.details;

import io.muster.devices.Secret;
import java.util.Map;
import java.util.Optional;

/**
 * A device that is to be registered.
 *
 * @param deviceKey see {@code DeviceId}
 * @param secret proves that it is itself
 * @param name for people, 1 to 100 characters; empty for none
 * @param tags what is said of it
 * @param attributes what it says of itself, as JSON texts
 * @param isDisabled whether it is barred from the beginning
 */
public record NewDevice(
        String deviceKey,
        Secret secret,
        Optional<String> name,
        Map<String, String> tags,
        Map<String, String> attributes,
        boolean isDisabled) {

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public NewDevice {
        name.ifPresent(DeviceDetails::requireName);
        tags = Map.copyOf(tags);
        attributes = Map.copyOf(attributes);
    }

    /** One that has said nothing of itself, and is not barred. */
    public NewDevice(
            String deviceKey, Secret secret, Optional<String> name, Map<String, String> tags) {
        this(deviceKey, secret, name, tags, Map.of(), false);
    }

    /** The same without a name and tags. */
    public static NewDevice of(String deviceKey, Secret secret) {
        return new NewDevice(deviceKey, secret, Optional.empty(), Map.of());
    }
}
