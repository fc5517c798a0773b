package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.registry.operators.Role;
import java.util.Optional;

/**
 * What the query parameter {@code action} names. Immutable.
 *
 * @param method the HTTP method
 * @param role who may
 * @param act its name in the audit log; empty if it neither changes anything nor shows a secret
 * @param protects whether it only keeps somebody out, and so does not wait for its row there
 * @param work does it
 * @param lesser what is done instead for those who may not
 */
record EnosAction(
        String method,
        Role role,
        Optional<String> act,
        boolean protects,
        Work work,
        Optional<EnosAction> lesser) {

    /** Does what a call asks for. */
    @FunctionalInterface
    interface Work {
        /** The data of the answer. */
        JsonNode run(EnosCall call);
    }

    static EnosAction looking(Work work) {
        return new EnosAction("GET", Role.READ, Optional.empty(), false, work, Optional.empty());
    }

    static EnosAction seeing(Role role, String act, Work work) {
        return new EnosAction("GET", role, Optional.of(act), false, work, Optional.empty());
    }

    static EnosAction doing(Role role, String act, Work work) {
        return new EnosAction("POST", role, Optional.of(act), false, work, Optional.empty());
    }

    /** The same; it only keeps somebody out. */
    EnosAction toProtect() {
        return new EnosAction(method, role, act, true, work, lesser);
    }

    /** The same; those who may not have something lesser done. */
    EnosAction or(EnosAction other) {
        return new EnosAction(method, role, act, protects, work, Optional.of(other));
    }

    /** What is done for whoever has this role. */
    EnosAction forRole(Role present) {
        return present.includes(role) ? this : lesser.orElse(this);
    }

    boolean isChange() {
        return method.equals("POST");
    }
}
