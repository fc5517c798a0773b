package io.muster.devices;

/** What was named is not registered. The message names its key. */
public final class NotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With a sentence that names the key. */
    public NotFoundException(String message) {
        super(message);
    }
}
