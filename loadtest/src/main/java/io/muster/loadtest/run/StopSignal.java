package io.muster.loadtest.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ends a run early. Shared between threads. */
final class StopSignal {

    private final CountDownLatch stopped = new CountDownLatch(1);

    void stop() {
        stopped.countDown();
    }

    boolean running() {
        return stopped.getCount() > 0;
    }

    /**
     * Waits until a time by {@link System#nanoTime}, or until the run is stopped.
     *
     * @return whether it goes on
     */
    boolean awaitUntil(long nanos) throws InterruptedException {
        return !stopped.await(Math.max(0, nanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
}
