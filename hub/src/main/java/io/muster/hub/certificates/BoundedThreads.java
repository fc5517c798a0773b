package io.muster.hub.certificates;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes threads for work that blocks. Without state. */
public final class BoundedThreads {

    private static final int WAITING_MAX = 256;
    private static final Duration IDLE = Duration.ofSeconds(30);

    private BoundedThreads() {}

    /**
     * So many, which end when there is nothing to do. What waits for one is bounded; more is
     * rejected.
     *
     * @param name what they are called, with a number behind it
     */
    public static ThreadPoolExecutor of(String name, int count) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        IDLE.toSeconds(),
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING_MAX),
                        task -> {
                            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}
