package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Arrivals;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.measure.SequenceChecker;
import io.muster.loadtest.payload.Stamp;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the messages of one subscriber that other load testers publish. It knows nothing of what
 * was sent: each publisher's stream begins with its first message that comes, and lost is what is
 * missing in between. Its lock is only ever contended when the run is summed up.
 */
final class OutsideReceiver implements MqttClient.Listener {

    /** Bounds the memory; messages of further publishers are foreign. */
    private static final int STREAMS_MAX = 1_000_000;

    private final Measurement measurement;
    private final Arrivals arrivals;
    private final Map<Long, SequenceChecker> streams = new HashMap<>();

    OutsideReceiver(Measurement measurement) {
        this.measurement = measurement;
        this.arrivals = new Arrivals(measurement);
    }

    @Override
    public synchronized void message(ByteBuf payload, boolean retained, long nanos) {
        Stamp stamp = Stamp.read(payload);
        SequenceChecker stream = stamp == null ? null : stream(stamp);
        if (stamp == null || stream == null) {
            measurement.foreign();
            return;
        }
        arrivals.add(stream.check(stamp.sequence()), stamp.dueNanos(), nanos);
    }

    @Override
    public synchronized void turnEnded() {
        arrivals.tell();
    }

    private @Nullable SequenceChecker stream(Stamp stamp) {
        long key = (long) stamp.run() << Integer.SIZE | (stamp.publisher() & 0xffff_ffffL);
        SequenceChecker known = streams.get(key);
        if (known == null && streams.size() < STREAMS_MAX) {
            known = new SequenceChecker(stamp.sequence());
            streams.put(key, known);
        }
        return known;
    }

    @Override
    public void problem(String sentence) {
        measurement.error(sentence);
    }

    @Override
    public void lost(String reason) {
        measurement.disconnected("a subscriber lost its connection: " + reason);
    }

    /** How many messages are missing between the first and the last of each publisher. */
    synchronized long lost() {
        return streams.values().stream().mapToLong(SequenceChecker::missing).sum();
    }
}
