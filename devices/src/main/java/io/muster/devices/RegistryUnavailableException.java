package io.muster.devices;

/**
 * The registry database cannot be asked now (not reachable, too slow, closed), or what it was asked
 * for is damaged. Says nothing about what is in it.
 */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 2L;

    private final boolean isDamage;

    /** Without a cause below: refused or given up here. */
    public RegistryUnavailableException(String message) {
        super(message);
        this.isDamage = false;
    }

    /** With what failed below. */
    public RegistryUnavailableException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /**
     * With what failed below.
     *
     * @param isDamage whether that is a page or file that is not as the database wrote it
     */
    public RegistryUnavailableException(String message, Throwable cause, boolean isDamage) {
        super(message, cause);
        this.isDamage = isDamage;
    }

    /**
     * Whether the database answered that what it was asked for is damaged: to ask again does not
     * help, and to ask for something else may.
     */
    public boolean isDamage() {
        return isDamage;
    }
}
