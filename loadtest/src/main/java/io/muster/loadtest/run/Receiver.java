package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Arrivals;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.measure.SequenceChecker;
import io.muster.loadtest.measure.SequenceChecker.Verdict;
import io.muster.loadtest.payload.Stamp;
import io.muster.loadtest.scenario.Population;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Takes the messages of one subscriber: checks their sequence, measures their latency and tells the
 * publishers of their arrival. Its lock is only ever contended when the run is summed up.
 */
final class Receiver implements MqttClient.Listener {

    private final Measurement measurement;
    private final List<Publisher> publishers;
    private final boolean ofRetained;
    private final int firstHeard;
    private final SequenceChecker[] checkers;
    private final Arrivals arrivals;
    private final Deliveries deliveries;
    private long sinceNanos;

    /**
     * Makes a receiver.
     *
     * @param publishers all of the run; it hears those that the population says
     * @param ofRetained whether all messages must be flagged as retained, and have no order
     */
    Receiver(
            Population population,
            Measurement measurement,
            int subscriber,
            List<Publisher> publishers,
            boolean ofRetained) {
        this.measurement = measurement;
        this.publishers = publishers;
        this.arrivals = new Arrivals(measurement);
        this.deliveries = new Deliveries(publishers);
        this.ofRetained = ofRetained;
        this.firstHeard = population.firstHeard(subscriber);
        this.checkers = new SequenceChecker[population.heardCount()];
        for (int i = 0; i < checkers.length; i++) {
            checkers[i] = new SequenceChecker(0);
        }
    }

    /** Lets latency count from a time, not from when each message was due. */
    synchronized void since(long nanos) {
        sinceNanos = nanos;
    }

    @Override
    public synchronized void message(ByteBuf payload, boolean retained, long nanos) {
        Stamp stamp = Stamp.read(payload);
        if (stamp == null || stamp.run() != measurement.run()) {
            measurement.foreign();
            return;
        }
        int heard = stamp.publisher() - firstHeard;
        if (heard < 0 || heard >= checkers.length) {
            measurement.misrouted();
            return;
        }
        Verdict verdict = verdict(checkers[heard].check(stamp.sequence()), retained);
        arrivals.add(verdict, sinceNanos == 0 ? stamp.dueNanos() : sinceNanos, nanos);
        if (verdict != Verdict.DUPLICATE) {
            deliveries.add(stamp.publisher());
        }
    }

    @Override
    public synchronized void turnEnded() {
        arrivals.tell();
        deliveries.tell();
    }

    private Verdict verdict(Verdict bySequence, boolean retained) {
        if (!ofRetained) {
            return bySequence;
        }
        if (!retained) {
            measurement.unflagged();
        }
        return bySequence == Verdict.OUT_OF_ORDER ? Verdict.NEW : bySequence;
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
