package io.muster.hub.gateways;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that reads whom gateways speak for when they connect, and each second what is in doubt
 * of that. Shared; never blocks its callers, and has at most 10,000 of them wait.
 */
final class TopologyThread implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TopologyThread.class);

    private static final int WAITING_MAX = 10_000;
    private static final int SETTLE_SECONDS = 1;

    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1,
                    task -> {
                        Thread made = new Thread(task, "gateway-topology");
                        made.setDaemon(true);
                        return made;
                    });
    private final Duration deadline;

    /**
     * Starts the thread.
     *
     * @param deadline the longest that a caller waits
     * @param settling looks up what is in doubt; may fail
     */
    TopologyThread(Duration deadline, Runnable settling) {
        this.deadline = deadline;
        var unused =
                thread.scheduleWithFixedDelay(
                        () -> settle(settling), SETTLE_SECONDS, SETTLE_SECONDS, TimeUnit.SECONDS);
    }

    private static void settle(Runnable settling) {
        try {
            settling.run();
        } catch (RuntimeException later) {
            log.debug("topology in doubt, looked up again later", later);
        }
    }

    /** Runs {@code work}; fails as it does, or with {@link RegistryUnavailableException}. */
    CompletionStage<Void> run(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            if (thread.getQueue().size() > WAITING_MAX) {
                throw new RejectedExecutionException(WAITING_MAX + " wait");
            }
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
