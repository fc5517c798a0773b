package io.muster.auth.spi;

import java.util.concurrent.CompletionStage;

/**
 * Looks at the credentials of one CONNECT packet and says who it is.
 *
 * <p>Authenticators stand in a chain. The first answer that is not {@link AuthResult.Abstain} wins;
 * an exception, a stage that fails, a stage that is not complete before the deadline and the end of
 * the chain all mean that the client is refused.
 *
 * <p>Shared by all connections: an implementation must be safe for use by several threads.
 */
public interface Authenticator extends AutoCloseable {

    /**
     * Answers one sign-in.
     *
     * <p>Called on an event loop, so it must return at once: work that waits (a database, a remote
     * service) belongs on another thread, which completes the stage. The stage may be completed by
     * any thread.
     *
     * @param credentials what the client presented; immutable, and not to be kept after the stage
     *     is complete, since they hold the password
     * @return the answer, never null
     */
    CompletionStage<AuthResult> authenticate(Credentials credentials);

    /** Releases what the authenticator holds. Called once, after the last sign-in. */
    @Override
    default void close() {}
}
