package io.muster.auth.spi;

/** An authenticator's answer to one sign-in. */
public sealed interface AuthResult {

    /** The client is who it says; the session belongs to {@code identity}. */
    record Accept(Identity identity) implements AuthResult {}

    /**
     * The client is refused, and no later authenticator is asked.
     *
     * @param reason what the client may be told
     * @param detail what the operator's log may be told; never a secret
     */
    record Deny(DenyReason reason, String detail) implements AuthResult {}

    /** These credentials are not of this authenticator's kind; the next one is asked. */
    record Abstain() implements AuthResult {}

    /** The one abstention. */
    AuthResult ABSTAIN = new Abstain();

    /** Accepts the client as {@code identity}. */
    static AuthResult accept(Identity identity) {
        return new Accept(identity);
    }

    /** Refuses the client. */
    static AuthResult deny(DenyReason reason, String detail) {
        return new Deny(reason, detail);
    }

    /** Leaves the answer to the next authenticator. */
    static AuthResult abstain() {
        return ABSTAIN;
    }
}
