package io.muster.loadtest;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C, which ends work early; what was done so far is still reported. */
final class Interrupt {

    /** Longer than connecting, draining and reporting can take. */
    private static final int REPORT_SECONDS_MAX = 60;

    private Interrupt() {}

    /** Work that ends with its report. */
    interface Work<T> {
        T get() throws IOException, InterruptedException;
    }

    /**
     * Does work to the end, or to Ctrl-C.
     *
     * @param stop makes the work come to its end soon; called on another thread
     */
    static <T> T during(Runnable stop, Work<T> work) throws IOException, InterruptedException {
        CountDownLatch reported = new CountDownLatch(1);
        Thread hook =
                new Thread(
                        () -> {
                            stop.run();
                            awaitQuietly(reported);
                        },
                        "loadtest-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.get();
        } finally {
            reported.countDown();
            remove(hook);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook has done its work.
            return;
        }
    }

    private static void awaitQuietly(CountDownLatch reported) {
        try {
            boolean unused = reported.await(REPORT_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
