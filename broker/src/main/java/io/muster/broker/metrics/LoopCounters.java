package io.muster.broker.metrics;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What one event loop counts. Changed by that loop's thread only, read by any. */
public final class LoopCounters {

    private static final int QOS_LEVELS = 3;
    private static final int PACKET_TYPES = 16;

    private final Counter[] packetsReceived = counters(PACKET_TYPES);
    private final Counter[] packetsSent = counters(PACKET_TYPES);
    private final Counter bytesReceived = new Counter();
    private final Counter bytesSent = new Counter();
    private final Counter[] messagesReceived = counters(QOS_LEVELS);
    private final Counter[] messagesSent = counters(QOS_LEVELS);
    private final Counter[] payloadBytesReceived = counters(QOS_LEVELS);
    private final Counter[] payloadBytesSent = counters(QOS_LEVELS);
    private final Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
    private final Map<Limit, Counter> limited = new EnumMap<>(Limit.class);
    private final Counter connections = new Counter();
    private final Counter queued = new Counter();
    private final Counter held = new Counter();
    private final Counter stalled = new Counter();
    private final Counter takenOver = new Counter();
    private final Counter expiredSessions = new Counter();

    /** All zero. */
    public LoopCounters() {
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, new Counter());
        }
        for (Limit limit : Limit.values()) {
            limited.put(limit, new Counter());
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

    /**
     * Counts a packet received, whatever becomes of it.
     *
     * @param type the upper half of its first byte [MQTT5 2.1.2], 0 to 15
     */
    public void packetReceived(int type) {
        packetsReceived[type].increment();
    }

    /**
     * Counts a packet sent.
     *
     * @param type the upper half of its first byte [MQTT5 2.1.2], 0 to 15
     */
    public void packetSent(int type) {
        packetsSent[type].increment();
    }

    /** Counts bytes of MQTT packets that were read, after TLS and WebSocket were taken off. */
    public void bytesReceived(int bytes) {
        bytesReceived.add(bytes);
    }

    /** Counts bytes of MQTT packets that were written, before WebSocket and TLS are put on. */
    public void bytesSent(int bytes) {
        bytesSent.add(bytes);
    }

    /** Counts a PUBLISH received with QoS {@code qos} and so many payload bytes. */
    public void received(int qos, int payloadBytes) {
        messagesReceived[qos].increment();
        payloadBytesReceived[qos].add(payloadBytes);
    }

    /** Counts a PUBLISH sent with QoS {@code qos} and so many payload bytes. */
    public void sent(int qos, int payloadBytes) {
        messagesSent[qos].increment();
        payloadBytesSent[qos].add(payloadBytes);
    }

    /** Counts a dropped message. */
    public void dropped(DropReason reason) {
        droppedCounter(reason).increment();
    }

    /** Counts {@code amount} dropped messages. */
    public void dropped(DropReason reason, int amount) {
        droppedCounter(reason).add(amount);
    }

    /** Counts a publisher that has to wait, or a client that is turned away. */
    public void limited(Limit limit) {
        limitedCounter(limit).increment();
    }

    private Counter limitedCounter(Limit limit) {
        return Objects.requireNonNull(limited.get(limit));
    }

    /** Connections that another one with the same client identifier took over from. */
    public Counter takenOver() {
        return takenOver;
    }

    /** Connections that are signed in on this loop. */
    public Counter connections() {
        return connections;
    }

    /** Messages waiting in the queues of this loop's sessions. */
    public Counter queued() {
        return queued;
    }

    /** Publishers of this loop that wait until they may go on. */
    public Counter held() {
        return held;
    }

    /** Clients of this loop that were disconnected since publishers waited for them in vain. */
    public Counter stalled() {
        return stalled;
    }

    /** Sessions of this loop that expired without their client. */
    public Counter expiredSessions() {
        return expiredSessions;
    }

    long packetsReceived(int type) {
        return packetsReceived[type].get();
    }

    long packetsSent(int type) {
        return packetsSent[type].get();
    }

    long bytesReceived() {
        return bytesReceived.get();
    }

    long bytesSent() {
        return bytesSent.get();
    }

    /** What came in, of all types and levels. */
    Traffic received() {
        return traffic(packetsReceived, bytesReceived, messagesReceived, payloadBytesReceived);
    }

    /** What went out, of all types and levels. */
    Traffic sent() {
        return traffic(packetsSent, bytesSent, messagesSent, payloadBytesSent);
    }

    private static Traffic traffic(
            Counter[] packets, Counter bytes, Counter[] messages, Counter[] payloadBytes) {
        return new Traffic(sum(packets), bytes.get(), sum(messages), sum(payloadBytes));
    }

    private static long sum(Counter[] counters) {
        return Arrays.stream(counters).mapToLong(Counter::get).sum();
    }

    long messagesReceived(int qos) {
        return messagesReceived[qos].get();
    }

    long messagesSent(int qos) {
        return messagesSent[qos].get();
    }

    long payloadBytesReceived(int qos) {
        return payloadBytesReceived[qos].get();
    }

    long payloadBytesSent(int qos) {
        return payloadBytesSent[qos].get();
    }

    long droppedTotal(DropReason reason) {
        return droppedCounter(reason).get();
    }

    long limitedTotal(Limit limit) {
        return limitedCounter(limit).get();
    }
}
