package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of changes, one after the other, on a thread of its own; shared.
 *
 * <p>Changes wait in a queue. When that is full, later ones are merged per device, so that a
 * listener that hangs costs at most one waiting change per device beyond the queue. While merged
 * ones wait, new ones join them: a device's changes never overtake each other.
 */
final class ChangeNotifier implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ChangeNotifier.class);

    /** Something to tell of a device. */
    private interface Change {

        DeviceId id();

        void tell(DeviceStateListener listener);
    }

    private record Changed(Device device, DeviceStatus before) implements Change {

        @Override
        public DeviceId id() {
            return device.id();
        }

        @Override
        public void tell(DeviceStateListener listener) {
            listener.changed(device, before);
        }
    }

    private record Deleted(DeviceId id) implements Change {

        @Override
        public void tell(DeviceStateListener listener) {
            listener.deleted(id);
        }
    }

    /** One change for two; what follows a deletion, or is one, stands for both. */
    private static Change merge(Change first, Change later) {
        return first instanceof Changed from && later instanceof Changed to
                ? new Changed(to.device(), from.before())
                : later;
    }

    private final int queueMax;
    private final Duration closePatience;
    private final List<DeviceStateListener> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorService thread;

    // Guarded by this.
    private final Queue<Change> queue = new ArrayDeque<>();
    private final Map<DeviceId, Change> merged = new LinkedHashMap<>();
    private final Queue<Runnable> whenCaughtUp = new ArrayDeque<>();
    private boolean draining;
    private boolean closed;

    /**
     * Without listeners.
     *
     * @param name of the thread
     * @param queueMax changes that wait before they are merged
     * @param closePatience how long {@link #close} waits for the listeners
     */
    ChangeNotifier(String name, int queueMax, Duration closePatience) {
        this.thread = Executors.newSingleThreadExecutor(new NamedThreads(name));
        this.queueMax = queueMax;
        this.closePatience = closePatience;
    }

    void addListener(DeviceStateListener listener) {
        listeners.add(listener);
    }

    /** Returns at once. Callers see to it that a device's changes come in order. */
    void changed(Device device, DeviceStatus before) {
        add(new Changed(device, before));
    }

    /** As {@link #changed}. */
    void deleted(DeviceId id) {
        add(new Deleted(id));
    }

    private synchronized void add(Change change) {
        if (closed || listeners.isEmpty()) {
            return;
        }
        if (merged.isEmpty() && queue.size() < queueMax) {
            queue.add(change);
        } else {
            merged.merge(change.id(), change, ChangeNotifier::merge);
        }
        startDraining();
    }

    /**
     * Runs {@code step} on the thread that tells the listeners, once they were told everything. No
     * listener is called while it runs. Returns at once; after {@link #close} it may never run.
     */
    synchronized void whenCaughtUp(Runnable step) {
        if (!closed) {
            whenCaughtUp.add(step);
            startDraining();
        }
    }

    /** With the lock held. */
    private void startDraining() {
        if (!draining) {
            draining = true;
            thread.execute(this::drain);
        }
    }

    private void drain() {
        for (Runnable next = next(); next != null; next = next()) {
            try {
                next.run();
            } catch (RuntimeException failed) {
                log.error("step between two changes failed", failed);
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        Change change = queue.poll();
        if (change == null && !merged.isEmpty()) {
            Iterator<Change> first = merged.values().iterator();
            change = first.next();
            first.remove();
        }
        Change toTell = change;
        Runnable next = toTell != null ? () -> tell(toTell) : whenCaughtUp.poll();
        draining = next != null;
        return next;
    }

    private void tell(Change change) {
        for (DeviceStateListener listener : listeners) {
            tell(listener, change);
        }
    }

    private static void tell(DeviceStateListener listener, Change change) {
        try {
            change.tell(listener);
        } catch (RuntimeException failed) {
            log.error("device state listener failed device={}", change.id(), failed);
        }
    }

    /** Lets the listeners finish what waits, but not for ever. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(closePatience.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("device state listeners were not told everything: they take too long");
                thread.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
