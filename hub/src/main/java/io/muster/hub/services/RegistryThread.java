package io.muster.hub.services;

import io.muster.broker.log.Quoted;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread on which what devices ask is looked up and written in the registry, one request after
 * the other, so that those of a device keep their order. Shared; never blocks its callers.
 */
final class RegistryThread implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RegistryThread.class);

    private static final int WAITING_MAX = 10_000;

    private final ThreadPoolExecutor thread;
    private final Duration deadline;

    /**
     * Starts the thread.
     *
     * @param deadline after which a request is answered as timed out, though it may be done later
     */
    RegistryThread(Duration deadline) {
        this.deadline = deadline;
        this.thread =
                new ThreadPoolExecutor(
                        1,
                        1,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING_MAX),
                        task -> {
                            Thread made = new Thread(task, "device-services");
                            made.setDaemon(true);
                            return made;
                        });
    }

    /** What {@code work} answers, or why it could not; the stage does not fail. */
    CompletionStage<Reply> run(Supplier<Reply> work) {
        CompletableFuture<Reply> running;
        try {
            running = CompletableFuture.supplyAsync(work, thread);
        } catch (RejectedExecutionException full) {
            return CompletableFuture.completedFuture(
                    Reply.failure(ReplyCode.TOO_MANY_REQUESTS, "too many requests wait"));
        }
        return running.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(RegistryThread::reply);
    }

    private static Reply reply(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String sentence = String.valueOf(cause.getMessage());
        if (cause instanceof IllegalArgumentException) {
            return Reply.failure(ReplyCode.BAD_PARAMETER, sentence);
        }
        if (cause instanceof NotFoundException) {
            return Reply.failure(ReplyCode.NO_SUCH_DEVICE, sentence);
        }
        if (cause instanceof TimeoutException) {
            return Reply.failure(ReplyCode.TIMED_OUT, "the registry did not answer in time");
        }
        log.warn("request of a device failed cause={}", new Quoted(cause.toString()));
        return Reply.failure(
                ReplyCode.INTERNAL,
                cause instanceof RegistryUnavailableException
                        ? "the registry cannot be asked now"
                        : "the hub failed; its log says why");
    }

    /** Waits for nothing. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
