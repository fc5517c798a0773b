package io.muster.broker.routing;

import io.muster.broker.message.Message;

/** Somebody who holds subscriptions. Implementations are compared by identity. */
public interface Subscriber {

    /**
     * The client identifier of the session, to leave out its own messages where No Local says so.
     */
    String clientIdentifier();

    /**
     * Hands over a message that matched {@code subscription}. Called on the publisher's thread;
     * must neither block nor throw.
     */
    void deliver(Message message, Subscription subscription);
}
