package io.muster.broker.spi;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The state that a session keeps between connections [MQTT5 4.1]: subscriptions, messages that
 * wait, messages sent but not acknowledged, and identifiers of QoS 2 messages received but not
 * released.
 *
 * <p>Confined to the event loop of its session.
 */
public interface StoredSession {

    /**
     * A message sent with QoS 1 or 2 whose acknowledgement is not complete.
     *
     * @param packetId its packet identifier
     * @param delivery the message
     * @param isReleased whether PUBREC was received, so that PUBREL is what is due
     */
    record Unacknowledged(int packetId, Delivery delivery, boolean isReleased) {}

    /** To whom it belongs, as the authenticator named it; never changes. */
    String principal();

    /** How long the session outlives its connection, in seconds; 0 for a new one. */
    long expirySeconds();

    /** Changes how long the session outlives its connection. */
    void expirySeconds(long seconds);

    /** All subscriptions. */
    Collection<StoredSubscription> subscriptions();

    /** Whether there is a subscription with this filter; costs the same however many there are. */
    boolean isSubscribed(String filter);

    /** Adds a subscription or replaces the one with the same filter; true if it was new. */
    boolean subscribe(StoredSubscription subscription);

    /** Removes the subscription with this filter; false if there was none. */
    boolean unsubscribe(String filter);

    /**
     * Appends to the waiting messages; false if the queue is full by count or bytes, and nothing
     * changed.
     */
    boolean enqueue(Delivery delivery);

    /**
     * Appends to the waiting messages whatever the bounds are: a message that was let through for
     * there was room when it was published.
     */
    void append(Delivery delivery);

    /** The message that waits longest, or null. It stays. */
    @Nullable Delivery peek();

    /** Removes the message that waits longest; there must be one. */
    Delivery dequeue();

    /** Number of waiting messages. */
    int queuedMessages();

    /** Bytes of the waiting messages, as {@link Message#bytes} counts them. */
    long queuedBytes();

    /** Number of waiting messages of QoS 0. */
    int queuedQosZero();

    /** Bytes of the waiting messages of QoS 0, as {@link Message#bytes} counts them. */
    long queuedQosZeroBytes();

    /** Removes the message of QoS 0 that waits longest; null if none waits. */
    @Nullable Delivery dequeueQosZero();

    /**
     * Removes the waiting messages that {@code chosen} says, and returns how many. It is asked once
     * about each, in the order in which they wait, and must not touch the session.
     */
    int removeQueued(Predicate<Delivery> chosen);

    /**
     * When the first of the waiting messages expires, in milliseconds since 1970; {@link
     * Message#NEVER} if none ever does.
     */
    long earliestExpiryMillis();

    /**
     * Removes the waiting messages that have expired at {@code nowMillis}, and returns how many
     * [MQTT-3.3.2-5].
     */
    int removeExpired(long nowMillis);

    /**
     * Takes a message of QoS 1 or 2 among the unacknowledged ones and returns its new packet
     * identifier.
     */
    int send(Delivery delivery);

    /** The unacknowledged message with this packet identifier, or null. */
    @Nullable Delivery unacknowledged(int packetId);

    /** Whether PUBREC was received for the unacknowledged message with this packet identifier. */
    boolean isReleased(int packetId);

    /** Notes that PUBREC was received for this packet identifier. */
    void release(int packetId);

    /**
     * Forgets the unacknowledged message with this packet identifier; its acknowledgement is
     * complete.
     */
    void complete(int packetId);

    /** Number of unacknowledged messages. */
    int unacknowledgedCount();

    /**
     * All unacknowledged messages, as they are now: those that are not released in the order in
     * which they were sent, the others in the order in which their PUBREC came.
     */
    List<Unacknowledged> unacknowledged();

    /**
     * Notes a received QoS 2 packet identifier; false if it was noted before and not yet released.
     */
    boolean receive(int packetId);

    /** Forgets a received QoS 2 packet identifier; false if it was not noted. */
    boolean releaseReceived(int packetId);

    /** Number of received QoS 2 packet identifiers that are not released. */
    int receivedCount();
}
