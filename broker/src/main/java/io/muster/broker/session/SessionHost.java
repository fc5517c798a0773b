package io.muster.broker.session;

import io.muster.broker.message.Message;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.spi.ConnectedClient;

/** What a session needs of the broker around it. Called on the session's loop. */
interface SessionHost {

    /** Adds a subscription to the topic tree. */
    void subscribe(Subscription subscription);

    /** Removes a subscription from the topic tree; false if it was not there. */
    boolean unsubscribe(String filter, Subscriber subscriber);

    /** Routes a will. */
    void publish(Message message);

    /** The connection of an admitted client has ended. */
    void disconnected(ConnectedClient client, ConnectionEnd cause);

    /** The session has ended for good. */
    void discarded(Session session);
}
