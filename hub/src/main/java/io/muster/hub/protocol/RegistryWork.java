package io.muster.hub.protocol;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Runs what asks the registry, off the event loops, bounded and with a deadline. Shared. */
@FunctionalInterface
public interface RegistryWork {

    /** What {@code work} answers, or why it could not; the stage does not fail. */
    CompletionStage<Reply> run(Request request, Supplier<Reply> work);
}
