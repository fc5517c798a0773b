package io.muster.auth.x509.crl;

import io.muster.auth.x509.encoding.Printable;

/** A list was not taken; the one before stays in force. */
public final class CrlRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final CrlFailure failure;

    /**
     * The message says what is wrong, and what would be right. What it quotes of the list is made
     * printable.
     */
    public CrlRefusedException(CrlFailure failure, String message) {
        super(Printable.of(message));
        this.failure = failure;
    }

    /** The same, found by somebody else. */
    public CrlRefusedException(CrlFailure failure, String message, Throwable cause) {
        super(Printable.of(message), cause);
        this.failure = failure;
    }

    /** Why, in one word. */
    public CrlFailure failure() {
        return failure;
    }
}
