package io.muster.loadtest;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of one subscriber: checks their sequence, measures their latency and tells the
 * publishers of their arrival. Its lock is only ever contended when the run is summed up.
 */
final class Receiver implements MqttClient.Listener {

    /**
     * Checks the sequence numbers that one subscriber receives of one publisher. Confined to its
     * receiver.
     *
     * <p>Only the gaps are remembered, as ranges, so that a stream without loss costs next to
     * nothing. A number that comes after a higher one is out of order if it was missing, otherwise
     * a duplicate.
     */
    static final class SequenceChecker {

        /** Bounds the memory of a stream that loses every other message. */
        static final int GAPS_MAX = 10_000;

        /** What a number was. */
        enum Verdict {
            NEW,
            OUT_OF_ORDER,
            DUPLICATE
        }

        private long next;

        /** Numbers that were passed over: first of the range to one past the last. */
        private @Nullable TreeMap<Long, Long> gaps;

        /** Numbers in gaps that were dropped from the memory; they count as lost for good. */
        private long forgotten;

        Verdict check(long sequence) {
            if (sequence >= next) {
                if (sequence > next) {
                    addGap(next, sequence);
                }
                next = sequence + 1;
                return Verdict.NEW;
            }
            return fill(sequence) ? Verdict.OUT_OF_ORDER : Verdict.DUPLICATE;
        }

        /** How many of the first {@code promised} numbers never came. */
        long lost(long promised) {
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

    private final Measurement measurement;
    private final List<Publisher> publishers;
    private final int firstHeard;
    private final SequenceChecker[] checkers;

    /**
     * Makes a receiver.
     *
     * @param publishers all of the run; it hears those that the scenario says
     */
    Receiver(
            Scenario scenario,
            Measurement measurement,
            int subscriber,
            List<Publisher> publishers) {
        this.measurement = measurement;
        this.publishers = publishers;
        this.firstHeard = scenario.firstHeard(subscriber);
        this.checkers = new SequenceChecker[scenario.heardCount()];
        for (int i = 0; i < checkers.length; i++) {
            checkers[i] = new SequenceChecker();
        }
    }

    @Override
    public synchronized void message(ByteBuf payload) {
        long now = System.nanoTime();
        Publisher.Stamp stamp = Publisher.Stamp.read(payload);
        if (stamp == null || stamp.run() != measurement.run()) {
            measurement.foreign();
            return;
        }
        int heard = stamp.publisher() - firstHeard;
        if (heard < 0 || heard >= checkers.length) {
            measurement.misrouted();
            return;
        }
        SequenceChecker.Verdict verdict = checkers[heard].check(stamp.sequence());
        measurement.received(verdict, stamp.dueNanos(), now);
        if (verdict != SequenceChecker.Verdict.DUPLICATE) {
            publishers.get(stamp.publisher()).delivered();
        }
    }

    @Override
    public void problem(String sentence) {
        measurement.error(sentence);
    }

    @Override
    public void lost(String reason) {
        measurement.disconnected("a subscriber lost its connection: " + reason);
    }

    /** How many messages that the broker had taken responsibility for never came here. */
    synchronized long lost() {
        long lost = 0;
        for (int i = 0; i < checkers.length; i++) {
            lost += checkers[i].lost(publishers.get(firstHeard + i).promised());
        }
        return lost;
    }
}
