package io.muster.hub.protocol;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers one kind of request. Called on event loops: must not block. */
@FunctionalInterface
public interface Service {

    /**
     * Does what is asked.
     *
     * @throws RefusedRequestException if the request is wrong; the stage may fail with it too
     */
    CompletionStage<Reply> serve(Request request);

    /** A service that needs nothing but the event loop's own thread. */
    static Service atOnce(Function<Request, Reply> answer) {
        return request -> CompletableFuture.completedFuture(answer.apply(request));
    }
}
