package io.muster.hub.audit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Says which refusals get a row of their own: so many in a minute, and few of them alike. Shared by
 * all threads, never blocks for long; in a storm it costs one look at a volatile field and a count.
 */
final class RefusalLimit {

    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int ALIKE_MAX = 3;
    private static final int KEY_LENGTH_MAX = 200;

    private final int perMinute;
    private final LongSupplier nanoClock;
    private final LongAdder leftOut = new LongAdder();

    /** Whether nothing more gets through before the minute ends. */
    private volatile boolean full;

    private volatile long minuteNanos;

    // Guarded by this. Only those that got a row are here, so there are at most perMinute.
    private final Map<String, Integer> alike = new HashMap<>();
    private int rows;

    /** Guarded by this: left out of minutes that are over, and not told yet. */
    private long untold;

    RefusalLimit(int perMinute, LongSupplier nanoClock) {
        this.perMinute = perMinute;
        this.nanoClock = nanoClock;
        this.minuteNanos = nanoClock.getAsLong();
    }

    /**
     * Whether a refusal gets a row of its own; if not it is counted.
     *
     * @param key the same for those that are alike
     */
    boolean admits(String key) {
        long now = nanoClock.getAsLong();
        if (full && !isOver(now)) {
            leftOut.increment();
            return false;
        }
        boolean admitted = count(key, now);
        if (!admitted) {
            leftOut.increment();
        }
        return admitted;
    }

    private boolean isOver(long now) {
        return now - minuteNanos >= MINUTE_NANOS;
    }

    private synchronized boolean count(String key, long now) {
        if (isOver(now)) {
            begin(now);
        }
        if (rows >= perMinute) {
            full = true;
            return false;
        }
        String shortKey = key.length() > KEY_LENGTH_MAX ? key.substring(0, KEY_LENGTH_MAX) : key;
        int before = alike.getOrDefault(shortKey, 0);
        if (before >= ALIKE_MAX) {
            return false;
        }
        alike.put(shortKey, before + 1);
        rows++;
        return true;
    }

    private void begin(long now) {
        minuteNanos = now;
        untold += leftOut.sumThenReset();
        alike.clear();
        rows = 0;
        full = false;
    }

    /** How many were left out of minutes that are over, since this was last asked. */
    synchronized long leftOut() {
        long now = nanoClock.getAsLong();
        if (isOver(now)) {
            begin(now);
        }
        long more = untold;
        untold = 0;
        return more;
    }

    /** The same, of the present minute too. */
    synchronized long leftOutSoFar() {
        return leftOut() + leftOut.sumThenReset();
    }
}
