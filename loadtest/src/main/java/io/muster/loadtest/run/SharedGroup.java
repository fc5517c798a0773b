package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Arrivals;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.measure.SequenceChecker;
import io.muster.loadtest.measure.SequenceChecker.Verdict;
import io.muster.loadtest.payload.Stamp;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;

/**
 * Takes the messages of the members of a shared subscription. The group as a whole must get each
 * message, and no member one that another got; order is promised to each member only. One lock for
 * all.
 */
final class SharedGroup {

    private final Measurement measurement;
    private final List<Publisher> publishers;
    private final SequenceChecker[] checkers;

    /**
     * Makes a group.
     *
     * @param publishers all of the run
     */
    SharedGroup(Measurement measurement, List<Publisher> publishers) {
        this.measurement = measurement;
        this.publishers = publishers;
        this.checkers = new SequenceChecker[publishers.size()];
        Arrays.setAll(checkers, i -> new SequenceChecker(0));
    }

    /** A new member. */
    MqttClient.Listener member() {
        return new Member();
    }

    private final class Member implements MqttClient.Listener {

        /** One past the last number of each publisher. */
        private final long[] next = new long[checkers.length];

        private final Arrivals arrivals = new Arrivals(measurement);
        private final Deliveries deliveries = new Deliveries(publishers);

        @Override
        public void message(ByteBuf payload, boolean retained, long nanos) {
            Stamp stamp = Stamp.read(payload);
            if (stamp == null || stamp.run() != measurement.run()) {
                measurement.foreign();
            } else if (stamp.publisher() < 0 || stamp.publisher() >= checkers.length) {
                measurement.misrouted();
            } else {
                take(stamp, nanos);
            }
        }

        private void take(Stamp stamp, long now) {
            Verdict verdict = verdict(stamp);
            arrivals.add(verdict, stamp.dueNanos(), now);
            if (verdict != Verdict.DUPLICATE) {
                deliveries.add(stamp.publisher());
            }
        }

        @Override
        public void turnEnded() {
            arrivals.tell();
            deliveries.tell();
        }

        private Verdict verdict(Stamp stamp) {
            synchronized (checkers) {
                if (checkers[stamp.publisher()].check(stamp.sequence()) == Verdict.DUPLICATE) {
                    return Verdict.DUPLICATE;
                }
                boolean late = stamp.sequence() < next[stamp.publisher()];
                next[stamp.publisher()] = Math.max(next[stamp.publisher()], stamp.sequence() + 1);
                return late ? Verdict.OUT_OF_ORDER : Verdict.NEW;
            }
        }

        @Override
        public void problem(String sentence) {
            measurement.error(sentence);
        }

        @Override
        public void lost(String reason) {
            measurement.disconnected("a member of the group lost its connection: " + reason);
        }
    }

    /** How many messages that the broker had taken responsibility for never came here. */
    long lost() {
        synchronized (checkers) {
            long lost = 0;
            for (int i = 0; i < checkers.length; i++) {
                lost += checkers[i].lost(publishers.get(i).promised());
            }
            return lost;
        }
    }
}
