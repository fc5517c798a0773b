package io.muster.loadtest;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Takes the messages of one subscriber: checks their sequence, measures their latency and tells the
 * publishers of their arrival. Its lock is only ever contended when the run is summed up.
 */
final class Receiver implements MqttClient.Listener {

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
