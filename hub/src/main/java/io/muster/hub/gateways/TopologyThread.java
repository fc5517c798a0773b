package io.muster.hub.gateways;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The thread that reads whom gateways speak for when they connect. Shared; never blocks its
 * callers, and has at most 10,000 of them wait.
 */
final class TopologyThread implements AutoCloseable {

    private static final int WAITING_MAX = 10_000;

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(WAITING_MAX),
                    task -> {
                        Thread made = new Thread(task, "gateway-topology");
                        made.setDaemon(true);
                        return made;
                    });
    private final Duration deadline;

    /** Starts the thread; {@code deadline} is the longest that a caller waits. */
    TopologyThread(Duration deadline) {
        this.deadline = deadline;
    }

    /** Runs {@code work}; fails as it does, or with {@link RegistryUnavailableException}. */
    CompletionStage<Void> run(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            thread.execute(() -> complete(done, work));
        } catch (RejectedExecutionException tooMany) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("too many gateways connect", tooMany));
        }
        return done.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void complete(CompletableFuture<Void> done, Runnable work) {
        try {
            // Nobody waits any more for what timed out while it waited here.
            if (!done.isDone()) {
                work.run();
                done.complete(null);
            }
        } catch (RuntimeException failure) {
            done.completeExceptionally(failure);
        }
    }

    /** Waits for nothing. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
