package io.muster.devices.registry.change;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.application.Application;
import io.muster.devices.certificate.CertificateId;
import java.util.Map;
import java.util.Set;

/**
 * Is told what was created or changed, after it is durable and before the call that did it returns,
 * on the thread of that call.
 */
public interface RegistryListener {

    /** A product was created. Told before it can be deleted. */
    default void productCreated(Product product) {}

    /** What is stored for a product was changed, or deleted. */
    default void productChanged(String productKey) {}

    /**
     * The settings of a product were changed to these; {@link #productChanged} is told too, before.
     * Of changes at the same time a later one may be told first: look at the revisions.
     */
    default void settingsChanged(Product product) {}

    /**
     * A product was deleted; {@link #productChanged} is told too, before. Told before its key can
     * be given to another.
     */
    default void productDeleted(String productKey) {}

    /** A device was created. */
    default void deviceCreated(Device device) {}

    /**
     * Certificates were revoked, since their devices were deleted. Told before {@link
     * #devicesDeleted}, and so before any of the names can be given to another.
     */
    default void certificatesRevoked(Set<CertificateId> revoked) {}

    /**
     * Devices were deleted. Told before any of their names can be given to another.
     *
     * @param deleted the states that their rows had
     * @return the greatest version that any of their states had, as far as the listener knows
     */
    default long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
        return 0;
    }

    /** A device was to be deleted that there is not: whoever takes it for one forgets it. */
    default void deviceMissing(DeviceId id) {}

    /** The secrets of a device were changed to these. Told in the order of the changes. */
    default void deviceSecretsChanged(DeviceId id, RotatingSecret secrets) {}

    /**
     * It is known at last that these are the secrets of a device, after a change that the database
     * had not answered; {@link #deviceSecretsChanged} is told too, before.
     */
    default void deviceSecretsSettled(DeviceId id, RotatingSecret secrets) {}

    /** An application account was created. */
    default void applicationCreated(Application application) {}

    /** What is stored for an application account was changed, or it was deleted. */
    default void applicationChanged(String username) {}
}
