package io.muster.ca.key;

/** A key of the authority cannot be used now: its store is locked, gone or damaged. */
public final class KeyUnusableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The message says which key it is, and why. */
    public KeyUnusableException(String message) {
        super(message);
    }

    /** The message says which key it is, and why. */
    public KeyUnusableException(String message, Throwable cause) {
        super(message, cause);
    }
}
