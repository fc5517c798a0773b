package io.muster.broker.pace;

/** Time, as an event loop has it. Called on the loop. */
public interface Timer {

    /**
     * Runs {@code task} on the loop after {@code delayMillis} milliseconds.
     *
     * @return cancels the task if it has not run
     */
    Runnable schedule(Runnable task, long delayMillis);

    /** Nanoseconds since any moment; never runs backwards. Any thread. */
    long nowNanos();
}
