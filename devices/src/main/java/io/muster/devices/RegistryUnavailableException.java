package io.muster.devices;

/**
 * The registry database cannot be asked now (not reachable, too slow, closed). Says nothing about
 * what is in it.
 */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Without a cause below: refused or given up here. */
    public RegistryUnavailableException(String message) {
        super(message);
    }

    /** With what failed below. */
    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
