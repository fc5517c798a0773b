package io.muster.auth.spi;

import java.util.Objects;

/** An authenticator's answer to one sign-in. Immutable, so it may be kept and shared. */
public sealed interface AuthResult {

    /** The client is who it says; the session belongs to {@code identity}. */
    record Accept(Identity identity) implements AuthResult {

        /** Refuses null, so that a plug-in's mistake shows where it is made. */
        public Accept {
            Objects.requireNonNull(identity, "identity");
        }
    }

    /**
     * The client is refused, and no later authenticator is asked.
     *
     * @param reason what the client may be told
     * @param detail what the operator's log may be told; never a secret. It is made fit for one
     *     line of a log, in quotation marks: control characters, quotation marks and backslashes
     *     are escaped, and it is cut at 200 characters
     */
    record Deny(DenyReason reason, String detail) implements AuthResult {

        /** Refuses null and makes the detail printable. */
        public Deny {
            Objects.requireNonNull(reason, "reason");
            detail = Credentials.printable(detail);
        }
    }

    /** These credentials are not of this authenticator's kind; the next one is asked. */
    record Abstain() implements AuthResult {}

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
        return new Abstain();
    }
}
