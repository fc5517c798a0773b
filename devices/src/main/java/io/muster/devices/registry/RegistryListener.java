package io.muster.devices.registry;

import io.muster.devices.Application;
import io.muster.devices.Device;
import io.muster.devices.Product;

/**
 * Is told what was created or changed, after it is durable and before the call that did it returns,
 * on the thread of that call.
 */
public interface RegistryListener {

    /** A product was created. */
    void productCreated(Product product);

    /** What is stored for a product was changed. */
    void productChanged(String productKey);

    /** A device was created. */
    void deviceCreated(Device device);

    /** An application account was created. */
    void applicationCreated(Application application);

    /** What is stored for an application account was changed. */
    void applicationChanged(String username);
}
