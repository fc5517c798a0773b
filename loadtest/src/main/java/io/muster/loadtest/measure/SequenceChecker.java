package io.muster.loadtest.measure;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks the sequence numbers that one subscriber receives of one publisher. Confined to its
 * receiver.
 *
 * <p>Only the gaps are remembered, as ranges, so that a stream without loss costs next to nothing.
 * A number that comes after a higher one is out of order if it was missing, otherwise a duplicate.
 */
public final class SequenceChecker {

    /** Bounds the memory of a stream that loses every other message. */
    static final int GAPS_MAX = 10_000;

    /** What a number was. */
    public enum Verdict {
        /** Not seen before, and later than all before. */
        NEW,
        /** Not seen before. */
        OUT_OF_ORDER,
        /** Seen before. */
        DUPLICATE
    }

    private long next;

    /** Numbers that were passed over: first of the range to one past the last. */
    private @Nullable TreeMap<Long, Long> gaps;

    /** Numbers in gaps that were dropped from the memory; they count as lost for good. */
    private long forgotten;

    /** A stream that begins with a number; those before it are not missed. */
    public SequenceChecker(long first) {
        this.next = first;
    }

    /** Takes the next number that came. */
    public Verdict check(long sequence) {
        if (sequence >= next) {
            if (sequence > next) {
                addGap(next, sequence);
            }
            next = sequence + 1;
            return Verdict.NEW;
        }
        return fill(sequence) ? Verdict.OUT_OF_ORDER : Verdict.DUPLICATE;
    }

    /** How many numbers below the highest that came are missing. */
    public long missing() {
        return lost(next);
    }

    /** How many of the first {@code promised} numbers never came. */
    public long lost(long promised) {
        long lost = forgotten + Math.max(0, promised - next);
        if (gaps != null) {
            for (Map.Entry<Long, Long> gap : gaps.headMap(promised).entrySet()) {
                lost += Math.min(gap.getValue(), promised) - gap.getKey();
            }
        }
        return lost;
    }

    private void addGap(long from, long to) {
        if (gaps == null) {
            gaps = new TreeMap<>();
        }
        gaps.put(from, to);
        if (gaps.size() > GAPS_MAX) {
            Map.Entry<Long, Long> oldest = gaps.pollFirstEntry();
            forgotten += oldest.getValue() - oldest.getKey();
        }
    }

    private boolean fill(long sequence) {
        Map.Entry<Long, Long> gap = gaps == null ? null : gaps.floorEntry(sequence);
        if (gaps == null || gap == null || gap.getValue() <= sequence) {
            return false;
        }
        gaps.remove(gap.getKey());
        if (gap.getKey() < sequence) {
            gaps.put(gap.getKey(), sequence);
        }
        if (sequence + 1 < gap.getValue()) {
            gaps.put(sequence + 1, gap.getValue());
        }
        return true;
    }
}
