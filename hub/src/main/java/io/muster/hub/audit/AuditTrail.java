package io.muster.hub.audit;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.audit.AuditRow;
import io.muster.devices.registry.audit.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Where operators' acts and refused sign-ins are told. Shared.
 *
 * <p>An act is told before it is done: {@link #begin} blocks until its row is durable, and if that
 * fails the act must not be done. What happens afterwards ({@link #end}) and refusals ({@link
 * #refused}) are written behind by one thread, many in a transaction, from a bounded queue.
 */
public final class AuditTrail implements AutoCloseable {

    /** The actor of a sign-in that was refused. */
    public static final String UNKNOWN = "unknown";

    /** What a row says that stands for those of a minute that got none. */
    private static final String MORE = "and %d more";

    /** Of acts that a role does not allow, those together that got no row of their own. */
    private static final String ACTS = "operator.act";

    /** Who was refused. */
    public enum Door {
        /** A device or an application, over MQTT. */
        CLIENT("client.sign-in"),
        /** Whoever wants to manage the hub. */
        OPERATOR("operator.sign-in");

        private final String act;

        Door(String act) {
            this.act = act;
        }
    }

    private final Clock clock;
    private final Duration deadline;
    private final AuditListener listener;
    private final RefusalLimit clients;
    private final RefusalLimit operators;

    /** Of those who are known: strangers take nothing from it. */
    private final RefusalLimit acts;

    private final AuditWriter writer;

    /**
     * Starts the thread.
     *
     * @param deadline how long an act may wait for its row
     * @param clock gives the times of the rows
     */
    public AuditTrail(
            AuditLog log,
            AuditSettings settings,
            Duration deadline,
            Clock clock,
            AuditListener listener) {
        this(log, settings, deadline, clock, System::nanoTime, listener);
    }

    AuditTrail(
            AuditLog log,
            AuditSettings settings,
            Duration deadline,
            Clock clock,
            LongSupplier nanoClock,
            AuditListener listener) {
        this.deadline = deadline;
        this.clock = clock;
        this.listener = listener;
        this.clients = new RefusalLimit(settings.refusalsPerMinute(), nanoClock);
        this.operators = new RefusalLimit(settings.refusalsPerMinute(), nanoClock);
        this.acts = new RefusalLimit(settings.refusalsPerMinute(), nanoClock);
        this.writer = new AuditWriter(log, settings, clock, listener, this::endMinutes);
    }

    /**
     * Somebody is about to do something.
     *
     * @param actor who
     * @param address where from
     * @return the row, to be told how it ended
     * @throws RegistryUnavailableException if it cannot be written in time: then it must not be
     *     done
     */
    public AuditRow begin(String actor, String address, String act, String object) {
        AuditEntry entry = new AuditEntry(now(), actor, address, act, object, Outcome.BEGUN, 0, "");
        CompletableFuture<Long> id = writer.begin(entry);
        try {
            return new AuditRow(id.get(deadline.toMillis(), TimeUnit.MILLISECONDS), entry);
        } catch (TimeoutException e) {
            id.cancel(false);
            throw new RegistryUnavailableException("the audit log was not written in time", e);
        } catch (InterruptedException e) {
            id.cancel(false);
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("the hub is stopping", e);
        } catch (ExecutionException e) {
            throw new RegistryUnavailableException("the audit log cannot be written", e);
        }
    }

    /** What began has ended so. Does not block. */
    public void end(AuditRow begun, Outcome outcome, int status, String object, String detail) {
        writer.end(new AuditRow(begun.id(), begun.entry().ended(outcome, status, object, detail)));
    }

    /** Something was done whose row could not be written. */
    public void lost() {
        listener.lost(1);
    }

    /**
     * An operator was refused what his role does not allow. Does not block, and is limited as
     * refused sign-ins are, but apart from them.
     */
    public void forbidden(String actor, String address, String act, String object, String detail) {
        if (admits(acts, actor + ' ' + act)) {
            note(new AuditEntry(now(), actor, address, act, object, Outcome.REFUSED, 403, detail));
        }
    }

    /**
     * A sign-in was refused. Does not block, and may be called by event loops. A row of its own is
     * written if there were not too many in this minute; else it is counted in one at its end.
     *
     * @param name who it was said to be
     * @param address where from
     * @param status of the answer over HTTP; 0 over MQTT
     * @param detail why, never a secret
     */
    public void refused(Door door, String name, String address, int status, String detail) {
        RefusalLimit limit = door == Door.CLIENT ? clients : operators;
        if (admits(limit, address + ' ' + name)) {
            note(
                    new AuditEntry(
                            now(),
                            UNKNOWN,
                            address,
                            door.act,
                            name,
                            Outcome.REFUSED,
                            status,
                            detail));
        }
    }

    private boolean admits(RefusalLimit limit, String key) {
        boolean admitted = limit.admits(key);
        if (!admitted) {
            listener.summarized();
        }
        return admitted;
    }

    private void note(AuditEntry entry) {
        writer.note(entry);
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** Tells how many were left out, of minutes that are over, or of all when the hub stops. */
    private void endMinutes(boolean stopping) {
        tellLeftOut(Door.CLIENT.act, clients, stopping);
        tellLeftOut(Door.OPERATOR.act, operators, stopping);
        tellLeftOut(ACTS, acts, stopping);
    }

    private void tellLeftOut(String act, RefusalLimit limit, boolean stopping) {
        long more = stopping ? limit.leftOutSoFar() : limit.leftOut();
        if (more > 0) {
            note(
                    new AuditEntry(
                            now(), UNKNOWN, "", act, "", Outcome.REFUSED, 0, MORE.formatted(more)));
        }
    }

    /** Writes what waits, for some seconds at most. */
    @Override
    public void close() {
        writer.close();
    }
}
