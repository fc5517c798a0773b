package io.muster.devices.outage;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Since when an operation has not been possible; shared. Outages begin and end on one thread only.
 */
final class Availability {

    private final AtomicBoolean suspected = new AtomicBoolean();

    /** When the present outage began; null if there is none. */
    private volatile @Nullable Long sinceNanos;

    private final AtomicLong endedNanos = new AtomicLong();
    private volatile long lastNanos;

    /** It may have become impossible; true if nobody has said so since it was last looked at. */
    boolean suspect() {
        return !suspected.getAndSet(true);
    }

    /** Whether it is to be looked at. */
    boolean isDue() {
        return isOut() || suspected.get();
    }

    boolean isOut() {
        return sinceNanos != null;
    }

    /** It was looked at; on the one thread. */
    void found(boolean available, long nowNanos) {
        suspected.set(false);
        Long since = sinceNanos;
        if (available && since != null) {
            lastNanos = nowNanos - since;
            endedNanos.addAndGet(nowNanos - since);
            sinceNanos = null;
        } else if (!available && since == null) {
            sinceNanos = nowNanos;
        }
    }

    /** How long the present outage lasts; zero if there is none. */
    long outageNanos(long nowNanos) {
        Long since = sinceNanos;
        return since == null ? 0 : Math.max(0, nowNanos - since);
    }

    /** How long all outages together have lasted, the present one included. */
    long outagesNanos(long nowNanos) {
        return endedNanos.get() + outageNanos(nowNanos);
    }

    /** How long the last outage that is over was, in whole seconds. */
    long lastSeconds() {
        return lastNanos / 1_000_000_000;
    }

    String word() {
        return isOut() ? "fails" : "works";
    }
}
