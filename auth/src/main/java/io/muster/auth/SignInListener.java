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

    /** The name given when a client was let in as anonymous whose credentials nobody knows. */
    String ANONYMOUS_INSTEAD = "anonymous-instead";

    /** The name given when a client was refused since it is barred for some time. */
    String GUARD = "guard";

    /**
     * A sign-in was decided, or an enhanced authentication. Called once for each, on the thread
     * that decided it, which may be an event loop: it returns at once. Where a client is let in as
     * anonymous after the chain refused it, it is called for the refusal and for the acceptance;
     * and for both where a client is barred that the chain accepted.
     *
     * @param authenticator the name of the authenticator that decided or failed, {@link
     *     #END_OF_CHAIN}, {@link #ANONYMOUS}, {@link #ANONYMOUS_INSTEAD} or {@link #GUARD}
     * @param result accept or deny, never abstain
     */
    void decided(String authenticator, AuthResult result);
}
