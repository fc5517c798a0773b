package io.muster.broker.pace;

/**
 * The thread under the loop of some sessions: an event loop in the broker, a hand-driven one in
 * tests.
 */
public interface LoopExecutor extends Timer {

    /**
     * Runs {@code task} on the loop, after what was handed in before. May be called by any thread.
     */
    void execute(Runnable task);

    /** Whether the calling thread is the loop's. */
    boolean inLoop();
}
