package io.muster.broker.metrics;

import java.util.Arrays;

/** What one event loop counts. Changed by that loop's thread only, read by any. */
public final class LoopCounters {

    private static final int QOS_LEVELS = 3;

    private final Counter[] messagesReceived = counters(QOS_LEVELS);
    private final Counter[] messagesSent = counters(QOS_LEVELS);
    private final Counter[] bytesReceived = counters(QOS_LEVELS);
    private final Counter[] bytesSent = counters(QOS_LEVELS);
    private final Counter[] dropped = counters(DropReason.values().length);
    private final Counter connections = new Counter();
    private final Counter queued = new Counter();

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
        dropped[reason.ordinal()].increment();
    }

    /** Counts {@code amount} dropped messages. */
    public void dropped(DropReason reason, int amount) {
        dropped[reason.ordinal()].add(amount);
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
        return dropped[reason.ordinal()].get();
    }
}
