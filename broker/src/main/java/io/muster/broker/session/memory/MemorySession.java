package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSubscription;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A session's state in memory. */
public final class MemorySession implements StoredSession {

    private final String principal;
    private final Map<String, StoredSubscription> subscriptions = new HashMap<>(4);
    private final MessageQueue queue;
    private final Inflight inflight = new Inflight();
    private final PacketIdentifiers received = new PacketIdentifiers();
    private long expirySeconds;

    /** An empty session of {@code principal}, with these bounds of its queue. */
    public MemorySession(String principal, int queueMessagesMax, long queueBytesMax) {
        this.principal = principal;
        this.queue = new MessageQueue(queueMessagesMax, queueBytesMax);
    }

    @Override
    public String principal() {
        return principal;
    }

    @Override
    public long expirySeconds() {
        return expirySeconds;
    }

    @Override
    public void expirySeconds(long seconds) {
        this.expirySeconds = seconds;
    }

    @Override
    public Collection<StoredSubscription> subscriptions() {
        return subscriptions.values();
    }

    @Override
    public boolean isSubscribed(String filter) {
        return subscriptions.containsKey(filter);
    }

    @Override
    public boolean subscribe(StoredSubscription subscription) {
        return subscriptions.put(subscription.filter(), subscription) == null;
    }

    @Override
    public boolean unsubscribe(String filter) {
        return subscriptions.remove(filter) != null;
    }

    @Override
    public boolean enqueue(Delivery delivery) {
        return queue.offer(delivery);
    }

    @Override
    public @Nullable Delivery peek() {
        return queue.peek();
    }

    @Override
    public void append(Delivery delivery) {
        queue.add(delivery);
    }

    @Override
    public Delivery dequeue() {
        return queue.remove();
    }

    @Override
    public int queuedMessages() {
        return queue.size();
    }

    @Override
    public long queuedBytes() {
        return queue.bytes();
    }

    @Override
    public int queuedQosZero() {
        return queue.qosZeroSize();
    }

    @Override
    public long queuedQosZeroBytes() {
        return queue.qosZeroBytes();
    }

    @Override
    public @Nullable Delivery dequeueQosZero() {
        return queue.removeQosZero();
    }

    @Override
    public int removeQueued(Predicate<Delivery> chosen) {
        return queue.removeIf(chosen);
    }

    @Override
    public long earliestExpiryMillis() {
        return queue.earliestExpiryMillis();
    }

    @Override
    public int removeExpired(long nowMillis) {
        return queue.removeExpired(nowMillis);
    }

    @Override
    public int send(Delivery delivery) {
        return inflight.add(delivery);
    }

    @Override
    public @Nullable Delivery unacknowledged(int packetId) {
        return inflight.get(packetId);
    }

    @Override
    public boolean isReleased(int packetId) {
        return inflight.isReleased(packetId);
    }

    @Override
    public void release(int packetId) {
        inflight.release(packetId);
    }

    @Override
    public void complete(int packetId) {
        inflight.remove(packetId);
    }

    @Override
    public int unacknowledgedCount() {
        return inflight.size();
    }

    @Override
    public List<Unacknowledged> unacknowledged() {
        return inflight.inOrder();
    }

    @Override
    public boolean receive(int packetId) {
        return received.add(packetId);
    }

    @Override
    public boolean releaseReceived(int packetId) {
        return received.remove(packetId);
    }

    @Override
    public int receivedCount() {
        return received.size();
    }
}
