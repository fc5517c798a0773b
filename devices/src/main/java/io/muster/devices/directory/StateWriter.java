package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.DeviceRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes states back to the registry, all of them on one thread; shared.
 *
 * <p>States are written in batches at a fixed interval, only the latest of each device. When the
 * registry cannot be reached they stay unwritten and are tried again; an outage is logged once when
 * it begins and once when it ends. Changes that must be durable before they are answered ({@link
 * #run}) take their turn between two batches.
 *
 * <p>When a batch fails although the registry can be written, as it does on a damaged row, the next
 * one is half as large, and twice as large after one that succeeds. What fails alone is set aside
 * for some time, so it keeps back nobody else.
 */
final class StateWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StateWriter.class);

    private static final int BATCH_MAX = 1000;
    private static final int WAITING_MAX = 1000;

    /** What cannot be written is looked for so long at once; changes wait meanwhile. */
    private static final Duration SEARCH_MAX = Duration.ofSeconds(5);

    private static final Duration ASIDE = Duration.ofMinutes(10);
    private static final Duration CLOSE_PATIENCE = Duration.ofMinutes(1);
    private static final int NAMED_MAX = 50;

    private final DeviceStates states;
    private final DeviceRegistry registry;
    private final Deadlines deadlines;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ScheduledExecutorService thread =
            new ScheduledThreadPoolExecutor(1, new NamedThreads("device-writer"));

    // Confined to the writing thread.
    private boolean outage;
    private int batchMax = BATCH_MAX;

    /** Whose state cannot be written though others can, and since when, by {@link System}. */
    private final Map<DeviceId, Long> aside = new HashMap<>();

    StateWriter(DeviceStates states, DeviceRegistry registry, Deadlines deadlines) {
        this.states = states;
        this.registry = registry;
        this.deadlines = deadlines;
    }

    /** Begins to write at the interval. */
    void start(Duration interval) {
        long nanos = interval.toNanos();
        var unused =
                thread.scheduleWithFixedDelay(
                        () -> writeUnwritten(SEARCH_MAX), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /** Runs what tidies the registry up again and again; if it fails, it is tried again then. */
    void every(Duration interval, Runnable tidying) {
        long nanos = interval.toNanos();
        var unused =
                thread.scheduleWithFixedDelay(
                        () -> tidyUp(tidying), nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private static void tidyUp(Runnable tidying) {
        try {
            tidying.run();
        } catch (RuntimeException failed) {
            log.debug("registry not tidied up, will be tried again", failed);
        }
    }

    /**
     * Runs a change on the writing thread. The stage fails when the change does, when it does not
     * return in time, or when too many wait already; a change whose time is over before its turn
     * does not run.
     *
     * @param inTime takes the result over before the stage completes, on the writing thread
     * @param tooLate is given the result instead, if the stage has failed meanwhile
     */
    <T> CompletableFuture<T> run(Supplier<T> change, UnaryOperator<T> inTime, Consumer<T> tooLate) {
        CompletableFuture<T> turn = new CompletableFuture<>();
        if (waiting.incrementAndGet() > WAITING_MAX) {
            waiting.decrementAndGet();
            turn.completeExceptionally(
                    new RegistryUnavailableException(
                            "registry is busy: " + WAITING_MAX + " changes wait already"));
            return turn;
        }
        CompletableFuture<T> stage = turn.thenApply(inTime);
        try {
            deadlines.watch(turn);
            thread.execute(() -> runInTurn(change, turn, tooLate));
        } catch (RejectedExecutionException closed) {
            waiting.decrementAndGet();
            turn.completeExceptionally(
                    new RegistryUnavailableException("device directory is closed", closed));
        }
        return stage;
    }

    /**
     * Has a state written soon, and with it all that is unwritten: many who ask at once are served
     * by few writes. The stage fails when that does not succeed in time.
     */
    CompletableFuture<Device> flush(Device device) {
        CompletableFuture<Device> turn = new CompletableFuture<>();
        try {
            deadlines.watch(turn);
            thread.execute(() -> flushInTurn(device, turn));
        } catch (RejectedExecutionException closed) {
            turn.completeExceptionally(
                    new RegistryUnavailableException("device directory is closed", closed));
        }
        return turn;
    }

    private void flushInTurn(Device device, CompletableFuture<Device> turn) {
        if (!turn.isDone() && states.isUnwritten(device)) {
            if (aside.containsKey(device.id())) {
                writeAlone(device);
            } else {
                writeUnwritten(SEARCH_MAX);
            }
        }
        if (states.isUnwritten(device)) {
            turn.completeExceptionally(
                    new RegistryUnavailableException(
                            "state of device " + device.id() + " was not written"));
        } else {
            turn.complete(device);
        }
    }

    private <T> void runInTurn(Supplier<T> change, CompletableFuture<T> turn, Consumer<T> tooLate) {
        waiting.decrementAndGet();
        if (turn.isDone()) {
            return;
        }
        try {
            T result = change.get();
            if (!turn.complete(result)) {
                tooLate.accept(result);
            }
        } catch (RuntimeException failed) {
            turn.completeExceptionally(failed);
        }
    }

    /**
     * Writes one state now. On the writing thread only.
     *
     * @throws RegistryUnavailableException if it is not durable
     */
    void write(UnwrittenState state) {
        if (registry.writeStates(List.of(state)) != 1) {
            throw new RegistryUnavailableException(
                    "registry holds a newer state of device " + state.device().id());
        }
    }

    /** Somebody waits for it: it is tried though it has failed. */
    private void writeAlone(Device device) {
        try {
            UnwrittenState state = states.unwritten(device);
            write(state);
            states.written(List.of(state));
            aside.remove(device.id());
        } catch (RuntimeException failed) {
            log.debug("device state not written device={}", device.id(), failed);
        }
    }

    /**
     * Writes what is unwritten now.
     *
     * @param searchMax for how long the batches may become smaller
     */
    private void writeUnwritten(Duration searchMax) {
        long begin = System.nanoTime();
        aside.values().removeIf(since -> begin - since >= ASIDE.toNanos());
        List<DeviceId> found = new ArrayList<>();
        int left = states.unwrittenCount();
        while (left > 0) {
            List<UnwrittenState> batch =
                    states.takeUnwritten(batchMax, id -> !aside.containsKey(id));
            if (batch.isEmpty()) {
                break;
            }
            Optional<RuntimeException> failed = write(batch);
            if (failed.isEmpty()) {
                left -= batch.size();
            } else if (!isOnlyOfTheBatch(failed.get())) {
                beginOutage(failed.get());
                break;
            } else if (batch.size() == 1 && failsAgain(batch, failed.get())) {
                setAside(batch.get(0).device().id(), failed.get(), found);
                left--;
            }
            if (failed.isPresent() && System.nanoTime() - begin >= searchMax.toNanos()) {
                break;
            }
        }
        tellAside(found);
    }

    /** Why that failed, or empty. */
    private Optional<RuntimeException> write(List<UnwrittenState> batch) {
        List<UnwrittenState> written;
        try {
            written = registry.writeStates(batch) == batch.size() ? batch : registered(batch);
        } catch (RuntimeException failed) {
            states.notWritten(batch);
            batchMax = Math.max(1, batch.size() / 2);
            return Optional.of(failed);
        }
        states.written(written);
        batchMax = Math.min(BATCH_MAX, 2 * batchMax);
        if (outage) {
            outage = false;
            log.info("device states are written again");
        }
        return Optional.empty();
    }

    private static boolean isDamage(RuntimeException failed) {
        return failed instanceof RegistryUnavailableException unavailable && unavailable.isDamage();
    }

    /** An outage may have ended between its failure and the proof that others can be written. */
    private boolean failsAgain(List<UnwrittenState> batch, RuntimeException failed) {
        return isDamage(failed) || write(batch).isPresent();
    }

    /** Whether something else could be written. */
    private boolean isOnlyOfTheBatch(RuntimeException failed) {
        if (isDamage(failed)) {
            return true;
        }
        try {
            registry.database().proveWritable();
            return true;
        } catch (RegistryUnavailableException nothingCanBe) {
            return false;
        }
    }

    private void beginOutage(RuntimeException failed) {
        batchMax = BATCH_MAX;
        if (!outage) {
            outage = true;
            log.warn(
                    "device states not written, will be tried again states={}",
                    states.unwrittenCount(),
                    failed);
        }
    }

    private void setAside(DeviceId id, RuntimeException failed, List<DeviceId> found) {
        log.debug("device state not written device={}", id, failed);
        aside.put(id, System.nanoTime());
        found.add(id);
    }

    private static void tellAside(List<DeviceId> found) {
        if (!found.isEmpty()) {
            log.error(
                    "device states cannot be written though others can, kept in memory and tried"
                            + " again every {} min count={} devices={}",
                    ASIDE.toMinutes(),
                    found.size(),
                    found.subList(0, Math.min(NAMED_MAX, found.size())));
        }
    }

    /** For the last time. */
    private void writeSetAside() {
        aside.clear();
        writeUnwritten(CLOSE_PATIENCE);
    }

    /**
     * Those that have a row. The others were deleted, and it is about to be told: until then they
     * stay in memory, since nobody else knows their last version.
     */
    private List<UnwrittenState> registered(List<UnwrittenState> batch) {
        Set<DeviceId> rows =
                registry.findDevices(
                                batch.stream()
                                        .map(state -> state.device().id())
                                        .collect(Collectors.toSet()))
                        .keySet();
        return batch.stream().filter(state -> rows.contains(state.device().id())).toList();
    }

    /** Writes what is unwritten, and stops. */
    @Override
    public void close() {
        try {
            thread.execute(() -> writeUnwritten(CLOSE_PATIENCE));
            thread.execute(this::writeSetAside);
            thread.shutdown();
            if (!thread.awaitTermination(CLOSE_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                log.error("device states are still being written: gave up waiting");
            }
        } catch (RejectedExecutionException closedBefore) {
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (states.unwrittenCount() > 0) {
            log.error("device states are lost states={}", states.unwrittenCount());
        }
    }
}
