package io.muster.hub.client;

/** A request to the management API failed; the message is one line for people. */
public final class ManagementException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ManagementException(String message) {
        super(message);
    }

    ManagementException(String message, Throwable cause) {
        super(message, cause);
    }
}
