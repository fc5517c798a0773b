package io.muster.broker.session;

/**
 * The thread under a {@link SessionLoop}: an event loop in the broker, a hand-driven one in tests.
 */
public interface LoopExecutor {

    /**
     * Runs {@code task} on the loop, after what was handed in before. May be called by any thread.
     */
    void execute(Runnable task);

    /**
     * Runs {@code task} on the loop after {@code delayMillis} milliseconds. Called on the loop.
     *
     * @return cancels the task if it has not run; called on the loop
     */
    Runnable schedule(Runnable task, long delayMillis);

    /** Whether the calling thread is the loop's. */
    boolean inLoop();
}
