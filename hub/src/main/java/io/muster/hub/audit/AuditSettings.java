package io.muster.hub.audit;

import java.time.Duration;

/**
 * How much is written and kept. Immutable.
 *
 * @param retention how long a row is kept
 * @param rowsMax so many rows are kept; the oldest go first
 * @param refusalsPerMinute refusals that get a row of their own in a minute: sign-ins of clients,
 *     of operators, and acts that a role does not allow, each
 */
public record AuditSettings(Duration retention, int rowsMax, int refusalsPerMinute) {

    /** What holds where the operator says nothing else. */
    public static final AuditSettings DEFAULT =
            new AuditSettings(Duration.ofDays(365), 1_000_000, 60);
}
