package io.muster.devices.directory;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Fails stages that take longer than the registry may; shared. */
final class Deadlines {

    private final ScheduledExecutorService timer;
    private final Duration timeout;

    Deadlines(ScheduledExecutorService timer, Duration timeout) {
        this.timer = timer;
        this.timeout = timeout;
    }

    /** Unless it is completed in time, the stage fails on the timer's thread. */
    void watch(CompletableFuture<?> stage) {
        Future<?> alarm =
                timer.schedule(
                        () ->
                                stage.completeExceptionally(
                                        new RegistryUnavailableException(
                                                "registry did not answer within "
                                                        + timeout.toMillis()
                                                        + " ms")),
                        timeout.toMillis(),
                        TimeUnit.MILLISECONDS);
        var unused = stage.whenComplete((value, failure) -> alarm.cancel(false));
    }
}
