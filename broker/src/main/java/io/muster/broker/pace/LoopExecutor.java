package io.muster.broker.session;

import io.muster.broker.pace.Timer;

/**
 * The thread under a {@link SessionLoop}: an event loop in the broker, a hand-driven one in tests.
 */
public interface LoopExecutor extends Timer {

    /**
     * Runs {@code task} on the loop, after what was handed in before. May be called by any thread.
     */
    void execute(Runnable task);

    /** Whether the calling thread is the loop's. */
    boolean inLoop();
}
