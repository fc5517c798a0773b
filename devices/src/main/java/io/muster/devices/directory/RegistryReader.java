package io.muster.devices.directory;

import io.muster.devices.RegistryUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Threads that wait for the registry, for requests of one kind; shared. A thread that is free takes
 * many requests that wait, so a storm is served by few readings. A storm fills the queue, not the
 * memory: what finds it full fails at once.
 *
 * @param <R> a request
 */
final class RegistryReader<R> implements AutoCloseable {

    private final BlockingQueue<Runnable> waiting;
    private final ThreadPoolExecutor threads;
    private final Deadlines deadlines;
    private final int togetherMax;
    private final Consumer<List<R>> reading;

    /**
     * Starts no thread yet.
     *
     * @param name what its threads are called
     * @param threadsMax how many read at the same time
     * @param waitingMax how many requests wait
     * @param togetherMax how many of them one thread takes
     * @param reading completes the stages of some requests; on one of the threads
     */
    RegistryReader(
            String name,
            int threadsMax,
            int waitingMax,
            int togetherMax,
            Deadlines deadlines,
            Consumer<List<R>> reading) {
        this.waiting = new ArrayBlockingQueue<>(waitingMax);
        this.threads =
                new ThreadPoolExecutor(
                        threadsMax,
                        threadsMax,
                        30,
                        TimeUnit.SECONDS,
                        waiting,
                        new NamedThreads(name));
        this.threads.allowCoreThreadTimeOut(true);
        this.deadlines = deadlines;
        this.togetherMax = togetherMax;
        this.reading = reading;
    }

    /** A request in line; whoever runs it takes along what waits behind it. */
    private final class Turn implements Runnable {

        private final R request;

        Turn(R request) {
            this.request = request;
        }

        @Override
        public void run() {
            List<Runnable> behind = new ArrayList<>();
            waiting.drainTo(behind, Math.min(fairShare(), togetherMax - 1));
            List<R> together = new ArrayList<>(behind.size() + 1);
            together.add(request);
            behind.forEach(turn -> together.add(requestOf(turn)));
            reading.accept(together);
        }
    }

    /** What waits is for all threads. */
    private int fairShare() {
        return waiting.size() / threads.getMaximumPoolSize();
    }

    /** Nothing but turns is ever in the queue. */
    @SuppressWarnings("unchecked")
    private R requestOf(Runnable turn) {
        return ((Turn) turn).request;
    }

    /**
     * Has the request read, which completes {@code stage}; or fails the stage, when it is not
     * completed in time or the queue is full.
     *
     * @return whether the request will be read
     */
    boolean read(CompletableFuture<?> stage, R request) {
        try {
            deadlines.watch(stage);
            threads.execute(new Turn(request));
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
