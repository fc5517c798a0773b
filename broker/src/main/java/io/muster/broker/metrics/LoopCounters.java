package io.muster.broker.metrics;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What one event loop counts. Changed by that loop's thread only, read by any. */
public final class LoopCounters {

    private static final int QOS_LEVELS = 3;

    private final Counter[] messagesReceived = counters(QOS_LEVELS);
    private final Counter[] messagesSent = counters(QOS_LEVELS);
    private final Counter[] bytesReceived = counters(QOS_LEVELS);
    private final Counter[] bytesSent = counters(QOS_LEVELS);
    private final Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
    private final Counter connections = new Counter();
    private final Counter queued = new Counter();

    /** All zero. */
    public LoopCounters() {
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, new Counter());
        }
    }

    private Counter droppedCounter(DropReason reason) {
        return Objects.requireNonNull(dropped.get(reason));
    }

    private static Counter[] counters(int length) {
        Counter[] counters = new Counter[length];
        Arrays.setAll(counters, i -> new Counter());
        return counters;
    }

    /** Counts a PUBLISH received with QoS {@code qos} and so many payload bytes. */
    public void received(int qos, int payloadBytes) {
        messagesReceived[qos].increment();
        bytesReceived[qos].add(payloadBytes);
    }

    /** Counts a PUBLISH sent with QoS {@code qos} and so many payload bytes. */
    public void sent(int qos, int payloadBytes) {
        messagesSent[qos].increment();
        bytesSent[qos].add(payloadBytes);
    }

    /** Counts a dropped message. */
    public void dropped(DropReason reason) {
        droppedCounter(reason).increment();
    }

    /** Counts {@code amount} dropped messages. */
    public void dropped(DropReason reason, int amount) {
        droppedCounter(reason).add(amount);
    }

    /** Connections that are signed in on this loop. */
    public Counter connections() {
        return connections;
    }

    /** Messages waiting in the queues of this loop's sessions. */
    public Counter queued() {
        return queued;
    }

    long messagesReceived(int qos) {
        return messagesReceived[qos].get();
    }

    long messagesSent(int qos) {
        return messagesSent[qos].get();
    }

    long bytesReceived(int qos) {
        return bytesReceived[qos].get();
    }

    long bytesSent(int qos) {
        return bytesSent[qos].get();
    }

    long droppedTotal(DropReason reason) {
        return droppedCounter(reason).get();
    }
}
