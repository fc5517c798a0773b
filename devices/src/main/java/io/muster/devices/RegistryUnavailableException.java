package io.muster.devices;

/**
 * The registry database cannot be asked now (not reachable, too slow, closed). Says nothing about
 * what is in it.
 */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With what failed below. */
    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
