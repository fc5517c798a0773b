package io.muster.devices;

/** Somebody proved himself with a secret that was good then, and is not any more. */
public final class SecretReplacedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** With a sentence that names the device. */
    public SecretReplacedException(String message) {
        super(message);
    }
}
