package io.muster.devices.directory;

import io.muster.devices.RegistryUnavailableException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that wait for the registry, as many as it has connections; shared. A reconnect storm
 * of unknown devices fills the queue, not the memory: what finds it full fails at once.
 */
final class RegistryReader implements AutoCloseable {

    private final ThreadPoolExecutor threads;
    private final Deadlines deadlines;

    /**
     * Starts no thread yet.
     *
     * @param threadsMax how many read at the same time
     * @param queueMax how many wait
     */
    RegistryReader(int threadsMax, int queueMax, Deadlines deadlines) {
        this.threads =
                new ThreadPoolExecutor(
                        threadsMax,
                        threadsMax,
                        30,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(queueMax),
                        new NamedThreads("device-reader"));
        this.threads.allowCoreThreadTimeOut(true);
        this.deadlines = deadlines;
    }

    /**
     * Runs {@code reading}, which completes {@code stage}; or fails the stage, when it is not
     * completed in time or the queue is full.
     *
     * @return whether {@code reading} will run
     */
    boolean read(CompletableFuture<?> stage, Runnable reading) {
        try {
            deadlines.watch(stage);
            threads.execute(reading);
            return true;
        } catch (RejectedExecutionException refused) {
            stage.completeExceptionally(
                    new RegistryUnavailableException(
                            "registry is busy or closed: no room for another read", refused));
            return false;
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
