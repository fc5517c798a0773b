package io.muster.hub.applications;

/**
 * An account is disabled and its clients are disconnected, but the registry does not say that it
 * holds the bar.
 */
public final class UnwrittenBarException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnwrittenBarException(String username, RuntimeException cause) {
        super("the bar of application '" + username + "' is not written yet", cause);
    }
}
