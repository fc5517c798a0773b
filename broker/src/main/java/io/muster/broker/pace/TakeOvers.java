package io.muster.broker.pace;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices clients that take one client identifier from each other without end, and damps that.
 * Shared; its lock is held for some hundred nanoseconds.
 *
 * <p>Only take-overs of a connection that is there count: a client that comes back after its
 * connection has ended may do so as often as it likes. Once there were too many, the identifier is
 * <em>contested</em>: the present connection is left alone for a hold, and whoever comes meanwhile
 * is refused. So one of them works, and the others back off. The hold doubles each time that
 * somebody had to wait for its end; a single device that leaves dead connections behind and comes
 * back more slowly than the first hold is never refused.
 *
 * <p>It remembers the 10,000 identifiers that were taken over, or fought for, last.
 */
public final class TakeOvers {

    private static final int ENTRIES_MAX = 10_000;

    private final TakeOverLimits limits;
    private final LongSupplier nanoTime;

    // Guarded by this.
    private final Map<String, Contest> contests = new LatestContests();

    /** In the order of the last attempts: each is taken out and put in again. */
    private static final class LatestContests extends LinkedHashMap<String, Contest> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Contest> eldest) {
            return size() > ENTRIES_MAX;
        }
    }

    /**
     * What is known of one client identifier.
     *
     * @param level take-overs, less those that the limit has forgiven since
     * @param takenNanos the last take-over
     * @param triedNanos the last take-over or refusal
     * @param holdNanos how long the present connection is left alone; 0 unless contested
     * @param isWaitedFor whether somebody was refused since the last take-over
     */
    private record Contest(
            double level, long takenNanos, long triedNanos, long holdNanos, boolean isWaitedFor) {

        private Contest refused(long nowNanos) {
            return new Contest(level, takenNanos, nowNanos, holdNanos, true);
        }
    }

    /** What becomes of an attempt to take over. */
    public enum Verdict {
        /** It may. */
        ALLOWED,
        /** It may, and from now on the client identifier is contested. */
        ALLOWED_AND_CONTESTED,
        /** It is refused. */
        REFUSED
    }

    /**
     * Nobody has been taken over yet.
     *
     * @param nanoTime a clock that does not jump
     */
    public TakeOvers(TakeOverLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /** Somebody wants to take over from a connection that is there; counted if he may. */
    public Verdict attempt(String clientIdentifier) {
        if (limits.count() == 0) {
            return Verdict.ALLOWED;
        }
        long now = nanoTime.getAsLong();
        synchronized (this) {
            Contest last = contests.remove(clientIdentifier);
            Contest before = last != null && isOver(last, now) ? null : last;
            boolean wasContested = before != null && isContested(before, now);
            if (before != null && wasContested && now - before.takenNanos() < before.holdNanos()) {
                contests.put(clientIdentifier, before.refused(now));
                return Verdict.REFUSED;
            }
            Contest after = takenOver(before, wasContested, now);
            contests.put(clientIdentifier, after);
            return after.holdNanos() > 0 && !wasContested
                    ? Verdict.ALLOWED_AND_CONTESTED
                    : Verdict.ALLOWED;
        }
    }

    private Contest takenOver(@Nullable Contest before, boolean wasContested, long now) {
        double level = before == null ? 1 : Math.max(0, before.level() - forgiven(before, now)) + 1;
        long hold = 0;
        if (before != null && wasContested) {
            hold = before.isWaitedFor() ? doubled(before.holdNanos()) : before.holdNanos();
        } else if (level > limits.count()) {
            hold = limits.firstHold().toNanos();
        }
        return new Contest(level, now, now, hold, false);
    }

    private double forgiven(Contest before, long now) {
        return (double) (now - before.takenNanos()) * limits.count() / limits.within().toNanos();
    }

    private long doubled(long holdNanos) {
        long longest = Math.max(limits.longestHold().toNanos(), limits.firstHold().toNanos());
        return holdNanos > longest / 2 ? longest : holdNanos * 2;
    }

    private boolean isContested(Contest contest, long now) {
        return contest.holdNanos() > 0 && now - contest.triedNanos() < limits.within().toNanos();
    }

    private boolean isOver(Contest contest, long now) {
        return contest.holdNanos() > 0 && !isContested(contest, now);
    }

    /** Whether several clients fight for this identifier at present. */
    public boolean isContested(String clientIdentifier) {
        if (limits.count() == 0) {
            return false;
        }
        long now = nanoTime.getAsLong();
        synchronized (this) {
            Contest contest = contests.get(clientIdentifier);
            return contest != null && isContested(contest, now);
        }
    }

    /** How many identifiers are contested at present; looks at all of them, for some 100 µs. */
    public synchronized int contested() {
        long now = nanoTime.getAsLong();
        return (int)
                contests.values().stream().filter(contest -> isContested(contest, now)).count();
    }
}
