package io.muster.devices;

import java.time.Instant;

/**
 * A kind of device.
 *
 * @param productKey its key; see {@link DeviceId}
 * @param secrets prove membership in dynamic activation
 * @param name for people
 * @param dynamicActivation whether its devices may fetch their secrets with the product secret
 * @param createdAt when it was created
 */
public record Product(
        String productKey,
        RotatingSecret secrets,
        String name,
        boolean dynamicActivation,
        Instant createdAt) {

    /** The newest of its secrets. */
    public Secret secret() {
        return secrets.newest();
    }
}
