package io.muster.hub.audit;

import io.muster.broker.log.Quoted;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.audit.AuditEntry;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.audit.AuditRow;
import io.muster.devices.registry.audit.Outcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes the audit log: what waits in its queue goes together into one
 * transaction. It also deletes old rows, some at a time. Shared; never blocks its callers.
 *
 * <p>While the log cannot be written, whoever is about to do something is told so; the rows of acts
 * that did not wait for them, and how acts ended, are kept and written later; refusals are lost,
 * and counted.
 */
final class AuditWriter implements AutoCloseable {

    /** Of an act that was given up, since its row was not durable in time. */
    static final String TOO_LATE = "this row came too late";

    private static final Logger log = LoggerFactory.getLogger(AuditWriter.class);

    private static final int QUEUE_CAPACITY = 10_000;
    private static final int AT_ONCE = 500;
    private static final int KEPT_MAX = 10_000;
    private static final long POLL_MILLIS = 250;
    private static final Duration PRUNE_INTERVAL = Duration.ofMinutes(1);
    private static final Duration STOP_WAIT = Duration.ofSeconds(5);

    private final AuditLog auditLog;
    private final AuditSettings settings;
    private final Clock clock;
    private final AuditListener listener;
    private final MinuteEnd minuteEnd;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final Thread thread;
    private volatile boolean stopping;

    // Confined to the thread.
    private final List<AuditRow> ended = new ArrayList<>();
    private final Deque<Waiting> late = new ArrayDeque<>();
    private boolean failing;
    private Instant nextPrune = Instant.EPOCH;

    /** Adds the rows that tell of what was left out. */
    @FunctionalInterface
    interface MinuteEnd {
        void tell(boolean stopping);
    }

    /**
     * What is to be written.
     *
     * @param entry a new row; null if an earlier one ended
     * @param id told the number of the new row, if somebody waits for it
     * @param isDone whether the act is done in any case, so that the row must be written
     * @param end what an earlier row says now
     */
    private record Waiting(
            @Nullable AuditEntry entry,
            @Nullable CompletableFuture<Long> id,
            boolean isDone,
            @Nullable AuditRow end) {}

    AuditWriter(
            AuditLog auditLog,
            AuditSettings settings,
            Clock clock,
            AuditListener listener,
            MinuteEnd minuteEnd) {
        this.auditLog = auditLog;
        this.settings = settings;
        this.clock = clock;
        this.listener = listener;
        this.minuteEnd = minuteEnd;
        this.thread = new Thread(this::run, "muster-audit");
        thread.setDaemon(true);
        thread.start();
    }

    /** The number that the row gets when it is durable; cancelled if nobody waits any more. */
    CompletableFuture<Long> begin(AuditEntry entry) {
        return begin(new Waiting(entry, new CompletableFuture<>(), false, null));
    }

    /** The same for an act that does not wait for it. */
    CompletableFuture<Long> beginAtOnce(AuditEntry entry) {
        return begin(new Waiting(entry, new CompletableFuture<>(), true, null));
    }

    private CompletableFuture<Long> begin(Waiting waiting) {
        if (stopping || !queue.offer(waiting)) {
            refuse(waiting, new RegistryUnavailableException("too much waits for the audit log"));
        }
        return id(waiting);
    }

    /** It will never be written. */
    private void refuse(Waiting waiting, RegistryUnavailableException why) {
        if (waiting.isDone()) {
            AuditEntry entry = entry(waiting);
            log.error(
                    "act without a row in the audit log actor={} address={} act={} object={}",
                    entry.actor(),
                    entry.address(),
                    entry.act(),
                    new Quoted(entry.object()));
            listener.lost(1);
        }
        id(waiting).completeExceptionally(why);
    }

    private static CompletableFuture<Long> id(Waiting waiting) {
        if (waiting.id() == null) {
            throw new IllegalStateException("a row that nobody waits for");
        }
        return waiting.id();
    }

    void end(AuditRow row) {
        offer(new Waiting(null, null, false, row));
    }

    void note(AuditEntry entry) {
        offer(new Waiting(entry, null, false, null));
    }

    private void offer(Waiting waiting) {
        if (!queue.offer(waiting)) {
            listener.lost(1);
        }
    }

    private void run() {
        while (!stopping) {
            turn(POLL_MILLIS);
        }
        minuteEnd.tell(true);
        Instant end = clock.instant().plus(STOP_WAIT);
        while (isAnythingLeft() && clock.instant().isBefore(end)) {
            turn(0);
            if (failing) {
                break;
            }
        }
        Stream.concat(late.stream(), queue.stream())
                .filter(Waiting::isDone)
                .forEach(
                        each ->
                                refuse(
                                        each,
                                        new RegistryUnavailableException("the hub is stopping")));
    }

    private boolean isAnythingLeft() {
        return !queue.isEmpty() || !ended.isEmpty() || !late.isEmpty();
    }

    private void turn(long waitMillis) {
        try {
            List<Waiting> batch = take(waitMillis);
            if (!batch.isEmpty() || !ended.isEmpty()) {
                write(batch);
            }
            if (!stopping) {
                minuteEnd.tell(false);
                prune();
            }
        } catch (InterruptedException e) {
            stopping = true;
        } catch (RuntimeException e) {
            // Nobody else would notice that the thread is gone.
            log.error("audit log failed", e);
        }
    }

    private List<Waiting> take(long waitMillis) throws InterruptedException {
        List<Waiting> batch = new ArrayList<>();
        while (batch.size() < AT_ONCE && !late.isEmpty()) {
            batch.add(late.remove());
        }
        Waiting first = batch.isEmpty() ? queue.poll(waitMillis, TimeUnit.MILLISECONDS) : null;
        if (first != null) {
            batch.add(first);
        }
        queue.drainTo(batch, AT_ONCE - batch.size());
        return batch;
    }

    private void write(List<Waiting> batch) {
        List<Waiting> fresh = new ArrayList<>();
        for (Waiting each : batch) {
            if (each.end() != null) {
                keep(each.end());
            } else if (each.isDone() || each.id() == null || !each.id().isDone()) {
                fresh.add(each);
            }
        }
        List<AuditRow> now = List.copyOf(ended.subList(0, Math.min(AT_ONCE, ended.size())));
        try {
            long first = auditLog.write(fresh.stream().map(AuditWriter::entry).toList(), now);
            ended.subList(0, now.size()).clear();
            written(fresh, first);
        } catch (RegistryUnavailableException e) {
            failed(fresh, e);
        }
    }

    private static AuditEntry entry(Waiting waiting) {
        if (waiting.entry() == null) {
            throw new IllegalStateException("a row without an entry");
        }
        return waiting.entry();
    }

    private void keep(AuditRow row) {
        if (ended.size() == KEPT_MAX) {
            listener.lost(1);
        } else {
            ended.add(row);
        }
    }

    private void written(List<Waiting> fresh, long first) {
        for (int i = 0; i < fresh.size(); i++) {
            CompletableFuture<Long> id = fresh.get(i).id();
            if (id != null && !id.complete(first + i)) {
                // Whoever waited has given up, and does nothing.
                keep(
                        new AuditRow(
                                first + i,
                                entry(fresh.get(i))
                                        .ended(
                                                Outcome.REFUSED,
                                                503,
                                                entry(fresh.get(i)).object(),
                                                TOO_LATE)));
            }
        }
        listener.written(fresh.size());
        if (failing) {
            failing = false;
            log.info("audit log written again");
        }
    }

    private void failed(List<Waiting> fresh, RegistryUnavailableException failure) {
        int lost = 0;
        for (Waiting each : fresh) {
            if (each.isDone() && late.size() < KEPT_MAX) {
                late.add(each);
            } else if (each.id() != null) {
                refuse(each, failure);
            } else {
                lost++;
            }
        }
        listener.lost(lost);
        if (!failing) {
            failing = true;
            log.error("audit log cannot be written; acts of operators are refused", failure);
        }
        pause();
    }

    /** The next try may fail as quickly. */
    private void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            stopping = true;
        }
    }

    /** One step at most, so that nobody waits long behind it. */
    private void prune() {
        Instant now = clock.instant();
        if (failing || now.isBefore(nextPrune)) {
            return;
        }
        try {
            int deleted =
                    auditLog.deleteOld(
                            now.minus(settings.retention()), settings.rowsMax(), AT_ONCE);
            if (deleted == 0) {
                nextPrune = now.plus(PRUNE_INTERVAL);
            }
        } catch (RegistryUnavailableException e) {
            log.warn("old rows of the audit log not deleted", e);
            nextPrune = now.plus(PRUNE_INTERVAL);
        }
    }

    /** Writes what waits, for some seconds at most. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(STOP_WAIT.plusSeconds(1).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int left = queue.size();
        if (left > 0) {
            log.warn("audit log not written to its end rows={}", left);
        }
    }
}
