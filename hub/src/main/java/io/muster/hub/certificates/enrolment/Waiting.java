package io.muster.hub.certificates.enrolment;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits, on threads that may, for what other rooms answer later. Shared, without state. */
final class Waiting {

    private Waiting() {}

    /**
     * The result of {@code stage}.
     *
     * @throws RegistryUnavailableException if it does not come in time
     * @throws RuntimeException what the stage failed with
     */
    static <T> T on(CompletionStage<T> stage, Duration deadline) {
        try {
            return stage.toCompletableFuture().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new RegistryUnavailableException("no answer in time", late);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException("the hub is stopping", stopping);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }
}
