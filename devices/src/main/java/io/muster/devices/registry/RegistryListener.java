package io.muster.devices.registry;

import io.muster.devices.Application;
import io.muster.devices.Device;
import io.muster.devices.Product;

/**
 * Is told what was created, after it is durable and before the call that created it returns, on the
 * thread of that call.
 */
public interface RegistryListener {

    /** A product was created. */
    void productCreated(Product product);

    /** A device was created. */
    void deviceCreated(Device device);

    /** An application account was created. */
    void applicationCreated(Application application);
}
