package io.muster.ca.authority;

/**
 * What is asked of a root or an issuer does not go with what it is there for now; the message says
 * what it is, and what has to be done before.
 */
public final class AuthorityStateException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** For people. */
    public AuthorityStateException(String message) {
        super(message);
    }
}
