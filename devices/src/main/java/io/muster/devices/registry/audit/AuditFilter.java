package io.muster.devices.registry.audit;

import java.time.Instant;
import java.util.Optional;

/**
 * Which entries are asked for: those to which all of it applies. Immutable.
 *
 * @param from not older than this
 * @param to older than this
 * @param actor with this actor
 * @param object with this object
 * @param act with this act. Actor, object and act may end with {@code *}: then what begins so
 */
public record AuditFilter(
        Optional<Instant> from,
        Optional<Instant> to,
        Optional<String> actor,
        Optional<String> object,
        Optional<String> act) {

    /** All entries. */
    public static final AuditFilter ALL =
            new AuditFilter(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
}
