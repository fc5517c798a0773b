package io.muster.auth.x509.source;

import io.muster.auth.x509.revocation.CrlPartition;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
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
import java.util.stream.Collectors;
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

    private final CrlStore store;
    private final CrlListener listener;
    private final LookClock clock;
    private final Semaphore oneLargeRead = new Semaphore(1);

    /** One for each queue of sources. Guarded by this. */
    private final Map<String, ExecutorService> workers = new HashMap<>();

    private final ScheduledExecutorService ticks =
            Executors.newSingleThreadScheduledExecutor(CrlRefresher::newThread);

    /** Replaced, never changed. */
    private volatile Map<CrlPartition, Task> tasks = Map.of();

    private record Task(CrlSource source, CrlRefresh refresh, ExecutorService worker) {

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
        this.store = store;
        this.listener = listener;
        this.clock = new LookClock(clock, System::nanoTime, RandomGenerator.getDefault());
        watch(sources);
        ticks.scheduleWithFixedDelay(this::tick, 0, 1, TimeUnit.SECONDS);
    }

    /**
     * Looks after these from now on, and no others. A partition that keeps the very source that it
     * had goes on as if nothing had happened: with what that knows, its pauses, and a look that is
     * under way.
     */
    public synchronized void watch(Map<CrlPartition, CrlSource> sources) {
        Map<CrlPartition, Task> wanted = new HashMap<>();
        sources.forEach(
                (partition, source) -> {
                    Task before = tasks.get(partition);
                    boolean stays = before != null && before.source() == source;
                    wanted.put(partition, stays ? before : task(partition, source));
                });
        tasks = Map.copyOf(wanted);
        Set<String> queues =
                sources.values().stream().map(CrlSource::queue).collect(Collectors.toSet());
        workers.entrySet().removeIf(each -> ends(each.getValue(), !queues.contains(each.getKey())));
    }

    private Task task(CrlPartition partition, CrlSource source) {
        return new Task(
                source,
                new CrlRefresh(partition, source, store, listener, clock, oneLargeRead),
                workers.computeIfAbsent(source.queue(), queue -> newWorker()));
    }

    private static boolean ends(ExecutorService worker, boolean isOver) {
        if (isOver) {
            var unused = worker.shutdownNow();
        }
        return isOver;
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
        for (Task task : tasks.values()) {
            try {
                task.startIfDue();
            } catch (RuntimeException | Error e) { // or there would be no further tick
                LOG.error("crl refresh not started", e);
            }
        }
    }

    /**
     * Waits until each present source was looked at for the first time, whatever came of it, but
     * not longer than this; false if that was too short.
     */
    public boolean awaitFirstLooks(Duration time) throws InterruptedException {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(
                        tasks.values().stream()
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
    public synchronized void close() {
        ticks.shutdownNow();
        workers.values().forEach(ExecutorService::shutdownNow);
    }
}
