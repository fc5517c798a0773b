package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.devices.RegistryUnavailableException;
import java.util.concurrent.CompletionException;

/** Turns a registry that cannot be asked into an answer, for authenticators that look things up. */
public final class RegistryOutage {

    private static final AuthResult UNAVAILABLE =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the registry is not available");

    private RegistryOutage() {}

    /**
     * The refusal of a sign-in whose look-up failed.
     *
     * @throws CompletionException with any failure that is not {@link
     *     RegistryUnavailableException}; the chain refuses the client and logs it
     */
    public static AuthResult answer(Throwable failure) {
        Throwable cause = failure;
        if (failure instanceof CompletionException && failure.getCause() != null) {
            cause = failure.getCause();
        }
        if (cause instanceof RegistryUnavailableException) {
            return UNAVAILABLE;
        }
        throw new CompletionException(cause);
    }
}
