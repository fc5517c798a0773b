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

    /**
     * Hands a message of a shared subscription to another member.
     *
     * @param share the whole filter
     * @param leaving who was given it
     * @param readyOnly whether only a member that is connected and has room will do
     * @return whether there was one
     */
    boolean redeliver(String share, Message message, Subscriber leaving, boolean readyOnly);

    /** Routes a will, unless the observer is against it: false then. */
    boolean publishWill(Message will, ConnectedClient leaving);

    /** The connection of an admitted client has ended. */
    void disconnected(ConnectedClient client, ConnectionEnd cause);

    /**
     * The session has ended for good.
     *
     * @param isStored whether its state is in the store, since it could outlive a connection
     */
    void discarded(Session session, boolean isStored);
}
