package io.muster.loadtest.run;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.measure.Measurement;
import io.muster.loadtest.payload.Payload;
import io.muster.loadtest.payload.Stamp;
import io.muster.loadtest.scenario.Scenario;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the messages of one device. Sending is confined to the executor of its connection;
 * acknowledgements and deliveries may be told on any thread.
 *
 * <p>In the open loop every message has a time at which it is due, fixed in advance. A message that
 * cannot leave in time leaves later but keeps its due time, so that the waiting counts as latency:
 * a slow broker cannot slow down the clock it is measured with. In the closed loop a message leaves
 * when half of the window is free, or most of it where the client gathers, which lets messages
 * travel in batches: with a message for each that arrived, system calls would be all that is
 * measured.
 *
 * <p>All sending happens in {@link #pump}, which runs once for all that was told during a turn of
 * the event loop, and flushes once.
 */
final class Publisher implements MqttClient.Listener {

    /** Where messages are gathered, this part of the window may be under way still. */
    private static final int REST_DIVISOR = 8;

    private final Scenario scenario;
    private final Measurement measurement;
    private final int index;
    private final LongFunction<String> topics;
    private final Payload payload;
    private final boolean retain;

    private final AtomicBoolean pumpWaits = new AtomicBoolean();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong delivered = new AtomicLong();
    private volatile long sent;
    private volatile boolean stopped;
    private volatile MqttClient.@Nullable Connection connection;
    private volatile int deliveriesPerMessage;

    /** Confined to the thread that tells of acknowledgements. */
    private int acknowledgedInTurn;

    // Confined to the executor of the connection.
    private long next;
    private long writtenOff;
    private long progressSeen;
    private long timerNanos;
    private boolean timerSet;

    /**
     * Makes a publisher.
     *
     * @param topics the topic of each message, by its sequence number
     * @param retain whether the broker shall retain the messages
     */
    Publisher(
            Scenario scenario,
            Measurement measurement,
            int index,
            LongFunction<String> topics,
            Payload payload,
            boolean retain) {
        this.scenario = scenario;
        this.measurement = measurement;
        this.index = index;
        this.topics = topics;
        this.payload = payload;
        this.retain = retain;
    }

    /**
     * Begins to publish when the measurement starts; called once, on any thread.
     *
     * @param deliveries how many receivers hear each message
     */
    void start(MqttClient.Connection signedIn, int deliveries) {
        deliveriesPerMessage = deliveries;
        connection = signedIn;
        long delayNanos = measurement.startNanos() - System.nanoTime();
        var unused = signedIn.executor().schedule(this::pump, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Says how many receivers hear each message from now; called on any thread. */
    void expect(int deliveries) {
        deliveriesPerMessage = deliveries;
    }

    /** Whether it was told to publish. */
    boolean started() {
        return connection != null;
    }

    /** Sends nothing any more. */
    void stop() {
        stopped = true;
    }

    /** Tells that a receiver got messages that it had not got before. */
    void delivered(int count) {
        delivered.addAndGet(count);
        wake();
    }

    @Override
    public void acknowledged() {
        acknowledgedInTurn++;
    }

    @Override
    public void turnEnded() {
        if (acknowledgedInTurn > 0) {
            acknowledged.addAndGet(acknowledgedInTurn);
            acknowledgedInTurn = 0;
            wake();
        }
    }

    @Override
    public void writable() {
        wake();
    }

    @Override
    public void problem(String sentence) {
        measurement.error(sentence);
    }

    @Override
    public void lost(String reason) {
        stopped = true;
        measurement.disconnected("a device lost its connection: " + reason);
    }

    /** Messages put on the wire so far. */
    long sent() {
        return sent;
    }

    /** Messages that the broker took responsibility for: at QoS 0 all that were sent. */
    long promised() {
        return scenario.messages().qos() == 0 ? sent : acknowledged.get();
    }

    /** Whether it sent as many messages as each device has to; never if there is no number. */
    boolean complete() {
        return isBehindLast(sent);
    }

    private boolean isBehindLast(long sequence) {
        long all = scenario.messages().perDevice();
        return all > 0 && sequence >= all;
    }

    /** Whether everything sent was acknowledged and delivered. */
    boolean settled() {
        return promised() >= sent && delivered.get() >= sent * deliveriesPerMessage;
    }

    /** A number that grows as long as anything happens. */
    long progress() {
        return sent + acknowledged.get() + delivered.get();
    }

    /**
     * Writes off what a standstill leaves outstanding in the closed loop, so that one lost message
     * does not keep its place in the window for ever. Called at intervals, on any thread; nothing
     * at all may have happened between two calls.
     */
    void writeOffIfStalled() {
        MqttClient.Connection current = connection;
        if (current != null && !scenario.pace().openLoop()) {
            current.executor().execute(this::writeOff);
        }
    }

    private void writeOff() {
        long progress = progress();
        if (progress == progressSeen && undelivered() > 0) {
            writtenOff += undelivered();
            wake();
        }
        progressSeen = progress;
    }

    /** One task for all that is told until it runs. */
    private void wake() {
        MqttClient.Connection current = connection;
        if (current != null && !stopped && pumpWaits.compareAndSet(false, true)) {
            current.executor().execute(this::pump);
        }
    }

    private void pump() {
        pumpWaits.set(false);
        MqttClient.Connection current = connection;
        if (current == null || stopped) {
            return;
        }
        long now = System.nanoTime();
        int window = Math.min(scenario.pace().window(), current.receiveMaximum());
        if (!scenario.pace().openLoop() && outstanding() > keptUnderWay(window)) {
            return;
        }
        while (current.writable() && outstanding() < window && sendNext(current, now)) {
            // Everything happens in the condition.
        }
        if (next > sent) {
            measurement.sent((int) (next - sent));
            sent = next;
        }
        boolean full = !current.writable();
        current.flush();
        if (full && current.writable()) {
            // The socket took all at once, so nobody will tell that there is room again.
            wake();
        }
    }

    /** So many may be under way still when the next ones leave, in the closed loop. */
    private int keptUnderWay(int window) {
        return scenario.gatherNanos() > 0 ? window / REST_DIVISOR : window / 2;
    }

    /** Sends the next message if its time has come. */
    private boolean sendNext(MqttClient.Connection current, long now) {
        long dueNanos = now;
        if (scenario.pace().openLoop()) {
            dueNanos = measurement.startNanos() + scenario.dueNanos(index, next);
        }
        if (dueNanos - measurement.endNanos() >= 0 || isBehindLast(next)) {
            stopped = true;
            return false;
        }
        if (dueNanos > now) {
            wakeAt(current, dueNanos, now);
            return false;
        }
        long sequence = next++;
        current.publish(
                topics.apply(sequence),
                payload.of(new Stamp(measurement.run(), index, sequence, dueNanos)),
                scenario.messages().qos(),
                retain);
        return true;
    }

    private void wakeAt(MqttClient.Connection current, long dueNanos, long now) {
        if (timerSet && timerNanos == dueNanos) {
            return;
        }
        timerSet = true;
        timerNanos = dueNanos;
        var unused = current.executor().schedule(this::pump, dueNanos - now, TimeUnit.NANOSECONDS);
    }

    private long outstanding() {
        long unacknowledged = scenario.messages().qos() == 0 ? 0 : next - acknowledged.get();
        return scenario.pace().openLoop()
                ? unacknowledged
                : Math.max(unacknowledged, undelivered());
    }

    private long undelivered() {
        int deliveries = deliveriesPerMessage;
        return deliveries == 0 ? 0 : Math.max(0, next - delivered.get() / deliveries - writtenOff);
    }
}
