package io.muster.devices;

/**
 * A product cannot be deleted or be of another type because of devices, which the message names.
 */
public final class ProductInUseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** For this reason. */
    public ProductInUseException(String message) {
        super(message);
    }

    /** Because of so many devices. */
    public ProductInUseException(String productKey, long devices) {
        super(
                "product '%s' has %d %s"
                        .formatted(productKey, devices, devices == 1 ? "device" : "devices"));
    }
}
