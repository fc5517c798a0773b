package io.muster.auth;

import io.muster.auth.spi.AuthResult;

/**
 * Is told the outcome of every sign-in, for metrics. Shared by all threads that sign clients in.
 */
@FunctionalInterface
public interface SignInListener {

    /** The name given when the chain ended without an answer. */
    String END_OF_CHAIN = "end-of-chain";

    /** The name given when a client was let in without credentials. */
    String ANONYMOUS = "anonymous";

    /**
     * A sign-in was decided. Called once for each sign-in, on the thread that decided it, which may
     * be an event loop: it returns at once.
     *
     * @param authenticator the name of the authenticator that decided or failed, {@link
     *     #END_OF_CHAIN} or {@link #ANONYMOUS}
     * @param result accept or deny, never abstain
     */
    void decided(String authenticator, AuthResult result);
}
