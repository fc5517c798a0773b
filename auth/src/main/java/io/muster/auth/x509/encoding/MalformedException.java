package io.muster.auth.x509.encoding;

/** Bytes are not what they should be. The message says what is wrong, and where. */
public final class MalformedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The message names what is wrong. */
    public MalformedException(String message) {
        super(message);
    }

    /** The same, found by somebody else. */
    public MalformedException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Expected for bytes of strangers, so without the cost of a stack trace. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
