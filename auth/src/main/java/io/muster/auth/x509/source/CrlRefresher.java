package io.muster.auth.x509.source;

import io.muster.auth.x509.revocation.CrlPartition;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the lists of external issuers up to date, on threads of its own: one that knows when, one
 * that reads files, and one for each server that is asked, so that none that is slow keeps others
 * from being asked. Shared; ends with {@link #close}.
 */
public final class CrlRefresher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CrlRefresher.class);

    private static final int IDLE_SECONDS = 10;

    private final List<Task> tasks;
    private final Map<String, ExecutorService> workers = new HashMap<>();
    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(CrlRefresher::newThread);

    private record Task(CrlRefresh refresh, ExecutorService worker) {

        void startIfDue() {
            if (!refresh.claim()) {
                return;
            }
            boolean isStarted = false;
            try {
                worker.execute(refresh::run);
                isStarted = true;
            } finally {
                if (!isStarted) {
                    refresh.release();
                }
            }
        }
    }

    /**
     * Begins at once to look after these partitions.
     *
     * @param store where lists are that were taken before
     */
    public CrlRefresher(
            Map<CrlPartition, CrlSource> sources,
            CrlStore store,
            CrlListener listener,
            Clock clock) {
        LookClock lookClock = new LookClock(clock, System::nanoTime, RandomGenerator.getDefault());
        Semaphore oneLargeRead = new Semaphore(1);
        List<Task> all = new ArrayList<>();
        sources.forEach(
                (partition, source) ->
                        all.add(
                                new Task(
                                        new CrlRefresh(
                                                partition,
                                                source,
                                                store,
                                                listener,
                                                lookClock,
                                                oneLargeRead),
                                        workers.computeIfAbsent(
                                                source.queue(), queue -> newWorker()))));
        tasks = List.copyOf(all);
        ticks.scheduleWithFixedDelay(this::tick, 0, 1, TimeUnit.SECONDS);
    }

    /** One thread, which is there while there is something to do. */
    private static ExecutorService newWorker() {
        ThreadPoolExecutor worker =
                new ThreadPoolExecutor(
                        1,
                        1,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        CrlRefresher::newThread);
        worker.allowCoreThreadTimeOut(true);
        return worker;
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "muster-crl");
        thread.setDaemon(true);
        return thread;
    }

    private void tick() {
        for (Task task : tasks) {
            try {
                task.startIfDue();
            } catch (RuntimeException | Error e) { // or there would be no further tick
                LOG.error("crl refresh not started", e);
            }
        }
    }

    /**
     * Waits until each source was looked at for the first time, whatever came of it, but not longer
     * than this; false if that was too short.
     */
    public boolean awaitFirstLooks(Duration time) throws InterruptedException {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(
                        tasks.stream()
                                .map(task -> task.refresh().firstLook())
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
        workers.values().forEach(ExecutorService::shutdownNow);
    }
}
