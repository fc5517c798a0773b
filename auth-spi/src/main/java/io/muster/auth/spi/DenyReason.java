package io.muster.auth.spi;

/**
 * Why a sign-in was refused, as far as the client may know. The broker turns each into the reason
 * code of its version.
 */
public enum DenyReason {
    /** Unknown name or wrong proof; which of the two is not told. */
    BAD_CREDENTIALS,
    /** The proof was good, but this client may not sign in (disabled, not permitted here). */
    NOT_AUTHORIZED,
    /** The client identifier is not of the form that this server accepts. */
    BAD_CLIENT_IDENTIFIER,
    /** The client was barred for some time. */
    BANNED,
    /**
     * The answer could not be found now (registry not reachable, deadline passed); the client may
     * try again later.
     */
    UNAVAILABLE
}
