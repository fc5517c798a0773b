package io.muster.hub.applications;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps that could not be done, or of which nobody knows whether they were, since the registry did
 * not answer. They are tried again once a second until they succeed, on a thread of its own;
 * shared.
 */
final class UnfinishedChanges implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(UnfinishedChanges.class);

    private static final int WAITING_MAX = 10_000;

    private final ConcurrentMap<String, Runnable> steps = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor thread;

    UnfinishedChanges(Duration interval) {
        thread =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread named = new Thread(task, "muster-access");
                            named.setDaemon(true);
                            return named;
                        });
        var unused =
                thread.scheduleWithFixedDelay(
                        this::tryAll,
                        interval.toMillis(),
                        interval.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Tries a step until it does not throw {@link RegistryUnavailableException} any more.
     *
     * @param name of what is changed; a step that waits under the same name is given up
     */
    void add(String name, Runnable step) {
        if (steps.size() >= WAITING_MAX && !steps.containsKey(name)) {
            log.error("too many unfinished changes, this one is forgotten change=\"{}\"", name);
            return;
        }
        steps.put(name, step);
    }

    /** One after the other: one that cannot be done does not keep up those behind it. */
    void tryAll() {
        Map.copyOf(steps).forEach(this::run);
    }

    private void run(String name, Runnable step) {
        try {
            step.run();
        } catch (RegistryUnavailableException notYet) {
            log.debug("change is not finished yet change=\"{}\"", name, notYet);
            return;
        } catch (RuntimeException failed) {
            log.error("unfinished change given up change=\"{}\"", name, failed);
        }
        steps.remove(name, step);
    }

    /** Tries no more. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
