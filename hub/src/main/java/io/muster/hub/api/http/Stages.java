package io.muster.hub.api.http;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits, on a thread of the HTTP server, for what other rooms answer later. Shared. */
public final class Stages {

    /** Long enough for a durable write and for a connection to end; a caller waits no longer. */
    static final Duration DEADLINE = Duration.ofSeconds(10);

    private Stages() {}

    /**
     * The result of {@code stage}.
     *
     * @throws ApiProblem (503) if it does not come in time
     * @throws RuntimeException what the stage failed with
     */
    public static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw ApiProblem.unavailable(
                    "no answer within " + DEADLINE.toSeconds() + " seconds; try again later");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiProblem.unavailable("the hub is stopping");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
