package io.muster.devices;

/** What should be created is there already. The message names its key. */
public final class AlreadyExistsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With a sentence that names the key. */
    public AlreadyExistsException(String message) {
        super(message);
    }
}
