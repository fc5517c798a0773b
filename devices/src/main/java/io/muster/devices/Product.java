package io.muster.devices;

import io.muster.devices.product.ProductSettings;
import java.time.Instant;

/**
 * A kind of device.
 *
 * @param productKey its key; see {@link DeviceId}
 * @param secrets prove membership in dynamic activation
 * @param settings what its operator decided
 * @param revision from 1; grows by one with each change of the settings
 * @param createdAt when it was created
 */
public record Product(
        String productKey,
        RotatingSecret secrets,
        ProductSettings settings,
        long revision,
        Instant createdAt) {

    /** The newest of its secrets. */
    public Secret secret() {
        return secrets.newest();
    }

    /** Whether its devices may fetch their secrets with that of the product. */
    public boolean dynamicActivation() {
        return settings.enrollment().dynamicActivation();
    }
}
