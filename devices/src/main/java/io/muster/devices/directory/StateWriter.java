package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.DeviceRegistry;
import java.time.Duration;
import java.util.List;
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
 */
final class StateWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StateWriter.class);

    private static final int BATCH_MAX = 1000;
    private static final int WAITING_MAX = 1000;

    private final DeviceStates states;
    private final DeviceRegistry registry;
    private final Deadlines deadlines;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ScheduledExecutorService thread =
            new ScheduledThreadPoolExecutor(1, new NamedThreads("device-writer"));

    /** Confined to the writing thread. */
    private boolean outage;

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
                        this::writeUnwritten, nanos, nanos, TimeUnit.NANOSECONDS);
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
            writeUnwritten();
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

    private void writeUnwritten() {
        for (int left = states.unwrittenCount(); left > 0; left -= BATCH_MAX) {
            List<UnwrittenState> batch = states.takeUnwritten(BATCH_MAX);
            if (batch.isEmpty() || !wrote(batch)) {
                return;
            }
        }
    }

    private boolean wrote(List<UnwrittenState> batch) {
        List<UnwrittenState> written;
        try {
            written = registry.writeStates(batch) == batch.size() ? batch : registered(batch);
        } catch (RuntimeException failed) {
            states.notWritten(batch);
            if (!outage) {
                outage = true;
                log.warn(
                        "device states not written, will be tried again states={}",
                        states.unwrittenCount(),
                        failed);
            }
            return false;
        }
        states.written(written);
        if (outage) {
            outage = false;
            log.info("device states are written again");
        }
        return true;
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
            thread.execute(this::writeUnwritten);
            thread.shutdown();
            if (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
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
