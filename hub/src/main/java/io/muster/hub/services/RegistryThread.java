package io.muster.hub.services;

import io.muster.broker.log.Quoted;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.hub.protocol.RefusedRequestException;
import io.muster.hub.protocol.Reply;
import io.muster.hub.protocol.ReplyCode;
import io.muster.hub.protocol.Request;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread on which what devices ask is looked up and written in the registry, one request after
 * the other, so that those of a device keep their order. Shared; never blocks its callers.
 *
 * <p>What waits is bounded by number and by bytes, for each connection and for all: who asks too
 * much is told so before the others feel it, be it for one device or, as a gateway, for many.
 */
final class RegistryThread implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RegistryThread.class);

    private static final Load LOAD_MAX = new Load(10_000, 32 * 1024 * 1024);
    private static final Load PUBLISHER_LOAD_MAX = new Load(100, 1024 * 1024);

    private final ThreadPoolExecutor thread;
    private final Duration deadline;

    // Guarded by this.
    private final Map<String, Load> loads = new HashMap<>();
    private Load load = Load.NONE;

    /** What waits, of one publisher or of all. */
    private record Load(int requests, long bytes) {

        private static final Load NONE = new Load(0, 0);

        Load plus(int moreRequests, long moreBytes) {
            return new Load(requests + moreRequests, bytes + moreBytes);
        }

        /** One request is let in whatever its size. */
        boolean exceeds(Load max) {
            return requests > max.requests || (requests > 1 && bytes > max.bytes);
        }
    }

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
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread made = new Thread(task, "device-services");
                            made.setDaemon(true);
                            return made;
                        });
    }

    /** What {@code work} answers, or why it could not; the stage does not fail. */
    CompletionStage<Reply> run(Request request, Supplier<Reply> work) {
        if (!enter(request)) {
            return CompletableFuture.completedFuture(
                    Reply.failure(ReplyCode.TOO_MANY_REQUESTS, "too many requests wait"));
        }
        CompletableFuture<Reply> done = new CompletableFuture<>();
        thread.execute(() -> complete(done, request, work));
        return done.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(RegistryThread::reply);
    }

    private void complete(CompletableFuture<Reply> done, Request request, Supplier<Reply> work) {
        try {
            // Nobody waits any more for what timed out while it waited here.
            if (!done.isDone()) {
                done.complete(work.get());
            }
        } catch (RuntimeException failure) {
            done.completeExceptionally(failure);
        } finally {
            leave(request);
        }
    }

    private synchronized boolean enter(Request request) {
        Load ofAll = load.plus(1, request.bytes());
        Load ofPublisher =
                loads.getOrDefault(request.publisher(), Load.NONE).plus(1, request.bytes());
        if (ofAll.exceeds(LOAD_MAX) || ofPublisher.exceeds(PUBLISHER_LOAD_MAX)) {
            return false;
        }
        load = ofAll;
        loads.put(request.publisher(), ofPublisher);
        return true;
    }

    private synchronized void leave(Request request) {
        load = load.plus(-1, -request.bytes());
        Load left = loads.getOrDefault(request.publisher(), Load.NONE).plus(-1, -request.bytes());
        if (left.requests() > 0) {
            loads.put(request.publisher(), left);
        } else {
            loads.remove(request.publisher());
        }
    }

    private static Reply reply(Throwable cause) {
        if (cause instanceof RefusedRequestException refused) {
            return refused.reply();
        }
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
