package io.muster.devices;

/** A product cannot be deleted because it has devices. The message says how many. */
public final class ProductInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Because of so many devices. */
    public ProductInUseException(String productKey, long devices) {
        super(
                "product '%s' has %d %s"
                        .formatted(productKey, devices, devices == 1 ? "device" : "devices"));
    }
}
