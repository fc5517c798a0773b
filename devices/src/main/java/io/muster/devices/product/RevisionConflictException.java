package io.muster.devices.product;

/**
 * A product or a device was to be changed that somebody else has changed meanwhile. The message
 * says which revision it has.
 */
public final class RevisionConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long present;

    /**
     * It is at another revision than was expected.
     *
     * @param what it is, such as {@code product 'pump'}
     */
    public RevisionConflictException(String what, long expected, long present) {
        super("%s is at revision %d, not %d".formatted(what, present, expected));
        this.present = present;
    }

    /** The revision that it has. */
    public long present() {
        return present;
    }
}
