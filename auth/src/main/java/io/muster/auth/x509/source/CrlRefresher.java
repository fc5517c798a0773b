package io.muster.auth.x509.source;

import io.muster.auth.x509.revocation.CrlPartition;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Keeps the lists of external issuers up to date, on threads of its own: one that knows when, and a
 * few that fetch and read. Shared; ends with {@link #close}.
 */
public final class CrlRefresher implements AutoCloseable {

    private static final int THREADS = 4;

    private final List<CrlRefresh> refreshes;
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(CrlRefresher::newThread);
    private final ExecutorService workers =
            Executors.newFixedThreadPool(THREADS, CrlRefresher::newThread);

    /** Begins at once to look after these partitions. */
    public CrlRefresher(Map<CrlPartition, CrlSource> sources, CrlListener listener, Clock clock) {
        RandomGenerator random = RandomGenerator.getDefault();
        refreshes =
                sources.entrySet().stream()
                        .map(
                                entry ->
                                        new CrlRefresh(
                                                entry.getKey(),
                                                entry.getValue(),
                                                listener,
                                                clock,
                                                random))
                        .toList();
        ticks.scheduleWithFixedDelay(this::tick, 0, 1, TimeUnit.SECONDS);
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "muster-crl");
        thread.setDaemon(true);
        return thread;
    }

    private void tick() {
        refreshes.stream().filter(CrlRefresh::claim).forEach(due -> workers.execute(due::run));
    }

    /**
     * Waits until each source was looked at for the first time, whatever came of it, but not longer
     * than this; false if that was too short.
     */
    public boolean awaitFirstLooks(Duration time) throws InterruptedException {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(
                        refreshes.stream()
                                .map(CrlRefresh::firstLook)
                                .toArray(CompletableFuture<?>[]::new));
        try {
            all.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a first look has no failure", e);
        }
    }

    /** Looks after them no more. A list that is being read may still be put in force. */
    @Override
    public void close() {
        ticks.shutdownNow();
        workers.shutdownNow();
    }
}
