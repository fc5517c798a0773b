package io.muster.broker.routing;

import io.muster.broker.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who holds subscriptions. Implementations are compared by identity.
 *
 * <p>Any thread may ask anything; answers about its state may be a moment old.
 */
public interface Subscriber {

    /**
     * The client identifier of the session, to leave out its own messages where No Local says so.
     */
    String clientIdentifier();

    /**
     * Hands over a message that matched {@code subscription}. Called on the publisher's thread;
     * must neither block nor throw.
     *
     * @param isAdmitted whether it was found that all subscribers have room for the message, so
     *     that one that is connected is to take it whatever comes meanwhile
     */
    void deliver(Message message, Subscription subscription, boolean isAdmitted);

    /** Whether a client is there that messages can be sent to. */
    boolean isConnected();

    /**
     * The one for whom publishers of the message are to wait because of this subscriber: itself, if
     * it is connected and has no room. Null if they need not.
     */
    default @Nullable Subscriber behind(Message message) {
        return !hasRoomFor(message) && isConnected() ? this : null;
    }

    /** Whether the message would find room, should it have to wait. */
    boolean hasRoomFor(Message message);

    /** Whether publishers that wait because there was no room may go on, some of them at least. */
    boolean hasCaughtUp();

    /** Messages that wait, are on their way here, or are sent and not acknowledged. */
    int load();
}
