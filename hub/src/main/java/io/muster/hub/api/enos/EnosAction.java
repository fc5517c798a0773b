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
 * @param work does it
 * @param protects whether it only keeps somebody out: then it is done also if its row in the audit
 *     log cannot be written
 * @param lesser what is done instead for those who may not
 */
record EnosAction(
        String method,
        Role role,
        Optional<String> act,
        Work work,
        boolean protects,
        Optional<EnosAction> lesser) {

    /** Does what a call asks for. */
    @FunctionalInterface
    interface Work {
        /** The data of the answer. */
        JsonNode run(EnosCall call);
    }

    static EnosAction looking(Work work) {
        return new EnosAction("GET", Role.READ, Optional.empty(), work, false, Optional.empty());
    }

    static EnosAction seeing(Role role, String act, Work work) {
        return new EnosAction("GET", role, Optional.of(act), work, false, Optional.empty());
    }

    static EnosAction doing(Role role, String act, Work work) {
        return new EnosAction("POST", role, Optional.of(act), work, false, Optional.empty());
    }

    /** The same; those who may not have something lesser done. */
    EnosAction or(EnosAction other) {
        return new EnosAction(method, role, act, work, protects, Optional.of(other));
    }

    /** The same; it only keeps somebody out. */
    EnosAction toProtect() {
        return new EnosAction(method, role, act, work, true, lesser);
    }

    /** What is done for whoever has this role. */
    EnosAction forRole(Role present) {
        return present.includes(role) ? this : lesser.orElse(this);
    }

    boolean isChange() {
        return method.equals("POST");
    }
}
