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

    /**
     * Whether this is a later stand than one of the same name: a later change, or a product that
     * was created after that one was deleted.
     */
    public boolean isNewerThan(Instant otherCreatedAt, long otherRevision) {
        int order = createdAt.compareTo(otherCreatedAt);
        return order > 0 || (order == 0 && revision > otherRevision);
    }

    /** Whether its devices may fetch their secrets with that of the product. */
    public boolean dynamicActivation() {
        return settings.enrollment().dynamicActivation();
    }
}
