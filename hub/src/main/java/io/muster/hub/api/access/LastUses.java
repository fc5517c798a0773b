package io.muster.hub.api.access;

import io.muster.devices.RegistryUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in the registry when accounts and keys are used, roughly and behind the requests, on a
 * thread of its own. Shared; never blocks its callers. What finds no room is noted at a later use.
 */
final class LastUses implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LastUses.class);

    private static final Duration COARSE = Duration.ofMinutes(10);
    private static final int QUEUE_CAPACITY = 1_000;
    private static final int IDLE_SECONDS = 10;

    private final Clock clock;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor thread;

    LastUses(Clock clock) {
        this.clock = clock;
        this.thread =
                new ThreadPoolExecutor(
                        1,
                        1,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(QUEUE_CAPACITY),
                        task -> {
                            Thread made = new Thread(task, "muster-last-uses");
                            made.setDaemon(true);
                            return made;
                        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Somebody uses what is noted as used at {@code noted}; {@code touch} notes that anew. */
    void of(Optional<Instant> noted, String name, Runnable touch) {
        Instant due = clock.instant().minus(COARSE);
        if (noted.filter(due::isBefore).isPresent() || !underWay.add(name)) {
            return;
        }
        try {
            thread.execute(() -> run(name, touch));
        } catch (RejectedExecutionException full) {
            underWay.remove(name);
        }
    }

    private void run(String name, Runnable touch) {
        try {
            touch.run();
        } catch (RegistryUnavailableException e) {
            log.debug("last use not noted of={}", name, e);
        } finally {
            underWay.remove(name);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
