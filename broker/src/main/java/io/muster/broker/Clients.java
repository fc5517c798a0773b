package io.muster.broker;

import io.muster.broker.message.Message;
import io.muster.broker.spi.ConnectedClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * The connected clients, for operators and for the hub. Safe for use by any thread; never blocks.
 */
public interface Clients {

    /**
     * A page of the connected clients in the order of their client identifiers; those that have not
     * been told so, and may yet be refused, are not among them.
     *
     * @param after list only identifiers greater than this one; empty to begin
     * @param limit at most so many
     */
    List<ConnectedClient> list(String after, int limit);

    /** The connected client with this canonical client identifier. */
    Optional<ConnectedClient> find(String clientIdentifier);

    /**
     * Whether several clients took this client identifier from each other of late, so often that
     * the present one is left alone for some time and others are refused meanwhile.
     */
    boolean isContested(String clientIdentifier);

    /**
     * Ends the connection of a client as an administrative action (DISCONNECT 0x98 in MQTT 5.0),
     * its will published.
     *
     * @return a stage that is complete when the connection is closed: true, or false if no such
     *     client was connected
     */
    CompletionStage<Boolean> disconnect(String clientIdentifier);

    /**
     * The same for this very connection, and not for another that has its client identifier by now.
     *
     * @param connection as the observer was told of it, before its CONNACK or later
     */
    CompletionStage<Boolean> disconnect(ConnectedClient connection);

    /**
     * Ends this very connection, since what its client signed in with is good no more: as an
     * administrative action (DISCONNECT 0x98 in MQTT 5.0) within a fraction of a second. Its will
     * is not published, and what it has not taken yet is not sent. Its session stays.
     *
     * @param connection as the observer was told of it, before its CONNACK or later
     * @return a stage that is complete when the connection is closed: true, or false if it had
     *     ended before
     */
    CompletionStage<Boolean> expel(ConnectedClient connection);

    /**
     * Sends a message to a connected client, whether it subscribes to the topic or not. Messages
     * from one thread keep their order.
     *
     * @return a stage that is complete when the message is on its way: true, or false if no such
     *     client was connected
     */
    CompletionStage<Boolean> send(String clientIdentifier, Message message);

    /**
     * The permissions of a client have changed: from now on it is asked anew what it may publish,
     * and its subscriptions that it may no longer hold end, without a word, as MQTT has none for
     * that. What waits for it on topics that it may no longer read is dropped. All this holds for a
     * session without a connection too, but for what is {@linkplain
     * io.muster.auth.spi.TopicPermissions#isUndecidedWhileAway undecided}.
     *
     * @return a stage that is complete when that has taken hold: true, or false if no such client
     *     was connected
     */
    CompletionStage<Boolean> permissionsChanged(String clientIdentifier);

    /**
     * What a client may publish has changed, and nothing else: from now on that is asked anew. Its
     * subscriptions and what waits for it stay as they are, so this costs the same however many
     * they are. Nothing is to be done for a session without a connection.
     *
     * @return a stage that is complete when that has taken hold: true, or false if no such client
     *     was connected
     */
    CompletionStage<Boolean> publishPermissionsChanged(String clientIdentifier);

    /**
     * Ends the session of a client for good, with its connection, its subscriptions and all that
     * waits for it; wills that wait are published. A client that is let in later begins anew.
     *
     * @return a stage that is complete when nothing of it is left: true, or false if there was no
     *     such session. Fails with what the session store says
     */
    CompletionStage<Boolean> forget(String clientIdentifier);

    /**
     * The same if nobody is connected, and the session belongs to this principal: whoever is let in
     * before it is its turn keeps it. A will that waits is published if its client may still leave
     * one ({@link io.muster.broker.spi.ClientObserver#mayLeaveWill}).
     */
    CompletionStage<Boolean> forgetIfAway(String clientIdentifier, String principal);

    /**
     * Does {@link #permissionsChanged(String)} for every session that belongs to one of these
     * principals. Looks at all sessions once, those of clients that are just signing in among them,
     * at a pace that leaves time for the packets of others.
     *
     * @param principals asked on the thread of the caller
     * @return complete when it has taken hold: how many were connected
     */
    CompletionStage<Integer> permissionsChanged(Predicate<String> principals);

    /** The same for {@link #disconnect(String)}; how many were connected. */
    CompletionStage<Integer> disconnect(Predicate<String> principals);

    /** The same for {@link #forget(String)}; how many sessions there were. */
    CompletionStage<Integer> forget(Predicate<String> principals);
}
