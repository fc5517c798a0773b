package io.muster.devices;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Finds devices and products for sign-in. Never blocks: what is cached is answered with a completed
 * stage, what is not is read on a thread of the registry. A stage fails with {@link
 * RegistryUnavailableException} when the registry cannot be asked; that must never be read as
 * "unknown".
 */
public interface DeviceLookup {

    /** The device, or empty if none is registered under this name. */
    CompletionStage<Optional<Device>> find(DeviceId id);

    /** The product, or empty if there is none with this key. */
    CompletionStage<Optional<Product>> findProduct(String productKey);
}
