package io.muster.devices.registry.secret;

/**
 * A stored secret cannot be decrypted: the key is not the one it was encrypted with, or the row was
 * changed or exchanged. Never taken for "no secret".
 */
public final class SecretUnreadableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SecretUnreadableException(String message, Throwable cause) {
        super(message, cause);
    }
}
