package io.muster.hub.applications;

import io.muster.devices.RegistryUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps that could not be done, or of which nobody knows whether they were, since the registry did
 * not answer. They are tried again once a second until they succeed, whatever they fail of, on a
 * thread of its own; shared.
 */
final class UnfinishedChanges implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(UnfinishedChanges.class);

    private static final int WAITING_MAX = 10_000;

    private final ConcurrentMap<String, Runnable> steps = new ConcurrentHashMap<>();

    /** Those of them that fail of something else than a registry that does not answer. */
    private final Set<Runnable> failing = ConcurrentHashMap.newKeySet();

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
     * Tries a step until it throws nothing any more.
     *
     * @param name of what is changed; a step that waits under the same name is given up
     * @return false if too many wait already: then it is not tried
     */
    boolean add(String name, Runnable step) {
        if (steps.size() >= WAITING_MAX && !steps.containsKey(name)) {
            log.error("too many unfinished changes, this one is forgotten change=\"{}\"", name);
            return false;
        }
        steps.put(name, step);
        return true;
    }

    /** One after the other: one that cannot be done does not keep up those behind it. */
    void tryAll() {
        Map.copyOf(steps).forEach(this::run);
        failing.retainAll(steps.values());
    }

    private void run(String name, Runnable step) {
        try {
            step.run();
            steps.remove(name, step);
        } catch (RegistryUnavailableException notYet) {
            log.debug("change is not finished yet change=\"{}\"", name, notYet);
        } catch (RuntimeException failed) {
            if (failing.add(step)) {
                log.error(
                        "change cannot be finished, and is tried on and on change=\"{}\"",
                        name,
                        failed);
            }
        }
    }

    /** Tries no more. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
