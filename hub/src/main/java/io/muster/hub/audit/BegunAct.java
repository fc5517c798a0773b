package io.muster.hub.audit;

import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.AuditRow;
import io.muster.devices.registry.audit.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An act of an operator that began, and its row, which may not be written yet. Shared. */
public final class BegunAct {

    private final AuditEntry entry;
    private final CompletableFuture<Long> number;
    private final CompletableFuture<Long> inTime;

    /**
     * It begins now.
     *
     * @param number of the row, when that is durable
     * @param deadline how long others wait for that
     */
    BegunAct(AuditEntry entry, CompletableFuture<Long> number, Duration deadline) {
        this.entry = entry;
        this.number = number;
        this.inTime = number.copy().orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What its row says at first. */
    public AuditEntry entry() {
        return entry;
    }

    /** Complete when its row is durable; fails if that is not so in time. */
    CompletableFuture<Long> inTime() {
        return inTime;
    }

    /**
     * Nobody does it: a row that comes too late will say so.
     *
     * @return false if it has come meanwhile, and does not
     */
    boolean giveUp() {
        return number.cancel(false);
    }

    /** The row as it is at the end, when it has its number. */
    CompletableFuture<AuditRow> ended(Outcome outcome, int status, String object, String detail) {
        AuditEntry end = entry.ended(outcome, status, object, detail);
        return number.thenApply(id -> new AuditRow(id, end));
    }
}
