package io.muster.hub.audit;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.audit.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Where operators' acts and refused sign-ins are told. Shared.
 *
 * <p>An act is told before it is done: {@link #begin} blocks until its row is durable, and if that
 * fails the act must not be done. Only what keeps somebody out comes first ({@link #beginAtOnce}).
 * What happens afterwards ({@link #end}) and refusals ({@link #refused}) are written behind by one
 * thread, many in a transaction, from a bounded queue.
 */
public final class AuditTrail implements AutoCloseable {

    /** The actor of a sign-in that was refused. */
    public static final String UNKNOWN = "unknown";

    /** What a row says that stands for those of a minute that got none. */
    private static final String MORE = "and %d more";

    /** Of acts that a role does not allow, those together that got no row of their own. */
    private static final String ACTS = "operator.act";

    /** Who was refused, since he did not prove who he is. */
    public enum Stranger {
        /** A device or an application, over MQTT. */
        CLIENT("client.sign-in"),
        /** Whoever wants to manage the hub. */
        OPERATOR("operator.sign-in");

        private final String act;

        Stranger(String act) {
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
     * @return the act, whose row is durable
     * @throws RegistryUnavailableException if it cannot be written in time: then it must not be
     *     done
     */
    public BegunAct begin(String actor, String address, String act, String object) {
        AuditEntry entry = begun(actor, address, act, object);
        BegunAct begun = new BegunAct(entry, writer.begin(entry), deadline);
        try {
            requireWritten(begun);
            return begun;
        } catch (RegistryUnavailableException unwritten) {
            if (!begun.giveUp()) {
                end(begun, Outcome.REFUSED, 503, object, AuditWriter.TOO_LATE);
            }
            throw unwritten;
        }
    }

    /**
     * Somebody is about to do what only keeps others out, and which therefore does not wait for its
     * row. Does not block. The row is written as soon as possible: until then it is kept, but for
     * those of too many acts, which are lost, counted and logged.
     *
     * @return the act, whose row may not be written yet
     */
    public BegunAct beginAtOnce(String actor, String address, String act, String object) {
        AuditEntry entry = begun(actor, address, act, object);
        return new BegunAct(entry, writer.beginAtOnce(entry), deadline);
    }

    private AuditEntry begun(String actor, String address, String act, String object) {
        return new AuditEntry(now(), actor, address, act, object, Outcome.BEGUN, 0, "");
    }

    /**
     * Waits until the row of an act is durable.
     *
     * @throws RegistryUnavailableException if that takes longer than the deadline, which began with
     *     the act
     */
    public void requireWritten(BegunAct act) {
        try {
            act.inTime().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("the hub is stopping", e);
        } catch (ExecutionException e) {
            throw new RegistryUnavailableException(
                    e.getCause() instanceof TimeoutException
                            ? "the audit log was not written in time"
                            : "the audit log cannot be written",
                    e);
        }
    }

    /** What began has ended so. Does not block; its row may not be written yet. */
    public void end(BegunAct act, Outcome outcome, int status, String object, String detail) {
        var unused = act.ended(outcome, status, object, detail).thenAccept(writer::end);
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
    public void refused(Stranger who, String name, String address, int status, String detail) {
        RefusalLimit limit = who == Stranger.CLIENT ? clients : operators;
        if (admits(limit, address + ' ' + name)) {
            note(
                    new AuditEntry(
                            now(),
                            UNKNOWN,
                            address,
                            who.act,
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
        tellLeftOut(Stranger.CLIENT.act, clients, stopping);
        tellLeftOut(Stranger.OPERATOR.act, operators, stopping);
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
