package io.muster.devices.product;

import io.muster.devices.DeviceId;

/**
 * A product or a device was to be changed that somebody else has changed meanwhile. The message
 * says which revision it has.
 */
public final class RevisionConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long present;

    /** The product is at another revision than was expected. */
    public RevisionConflictException(String productKey, long expected, long present) {
        super("product '%s' is at revision %d, not %d".formatted(productKey, present, expected));
        this.present = present;
    }

    /** The device is at another revision than was expected. */
    public RevisionConflictException(DeviceId id, long expected, long present) {
        super("device '%s' is at revision %d, not %d".formatted(id, present, expected));
        this.present = present;
    }

    /** The revision that it has. */
    public long present() {
        return present;
    }
}
