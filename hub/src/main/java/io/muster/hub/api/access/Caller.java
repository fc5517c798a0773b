package io.muster.hub.api.access;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.muster.devices.registry.operators.Role;
import java.time.Instant;
import java.util.Optional;

/**
 * Who a request comes from. Immutable.
 *
 * @param kind how he proved it
 * @param name the user name or the identifier of the key; empty with the operator token
 * @param role what he may do
 * @param address where from
 * @param expiresAt when the key expires, if it does
 */
public record Caller(
        Kind kind, String name, Role role, String address, Optional<Instant> expiresAt) {

    private static final String ATTRIBUTE = "muster.caller";

    /** How somebody proves who he is. */
    public enum Kind {
        /** With the operator token of the data folder. */
        TOKEN,
        /** With user name and password. */
        ACCOUNT,
        /** With an API key. */
        KEY
    }

    /** What the audit log calls him. */
    public String actor() {
        return switch (kind) {
            case TOKEN -> "token";
            case ACCOUNT -> "account:" + name;
            case KEY -> "key:" + name;
        };
    }

    /**
     * Who the request of {@code ctx} comes from.
     *
     * @throws IllegalStateException if nobody was asked
     */
    public static Caller of(Context ctx) {
        Caller caller = ctx.attribute(ATTRIBUTE);
        if (caller == null) {
            throw new IllegalStateException("nobody was asked who he is: " + ctx.path());
        }
        return caller;
    }

    void isOf(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    /** What somebody is told who may not do what needs {@code needed}. */
    String lacks(Role needed) {
        return "this needs the role %s; %s has the role %s"
                .formatted(needed.word(), actor(), role.word());
    }

    /**
     * Lets those pass whose role is enough.
     *
     * @throws ForbiddenResponse naming both roles
     */
    public void require(Role needed) {
        if (!role.includes(needed)) {
            throw new ForbiddenResponse(lacks(needed));
        }
    }
}
