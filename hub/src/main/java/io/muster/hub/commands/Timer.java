package io.muster.hub.commands;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs tasks later, on any thread. Shared. */
@FunctionalInterface
public interface Timer {

    /** That of the JDK. */
    Timer JDK =
            (task, delayMillis) ->
                    CompletableFuture.delayedExecutor(delayMillis, TimeUnit.MILLISECONDS)
                            .execute(task);

    /** Runs {@code task} after {@code delayMillis}. */
    void schedule(Runnable task, long delayMillis);
}
