package io.muster.devices.product;

/** What the devices of a product are. */
public enum ProductType {
    /** They speak for themselves. */
    DEVICE,
    /** They may speak for others too. */
    GATEWAY
}
