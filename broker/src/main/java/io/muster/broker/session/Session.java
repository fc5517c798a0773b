package io.muster.broker.session;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.routing.TopicFilter;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import io.muster.broker.spi.StoredSubscription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the broker owes one client, across its connections.
 *
 * <h2>One loop</h2>
 *
 * A session lives on one loop from its first day to its last; a connection that resumes it moves to
 * that loop before its CONNACK. So nothing in here is locked, and the order of messages needs no
 * care: a publisher's loop hands its deliveries to the session's loop first in, first out, before,
 * during and after a reconnect.
 *
 * <h2>Life</h2>
 *
 * {@link #attach} a link, {@link #admit} it, {@link #start} it, and {@link #end} it; then the
 * session is offline until a new link comes, or until it expires and is discarded.
 *
 * <p>Confined to its loop, except {@link #deliver}, {@link #client}, {@link #clientIdentifier} and
 * {@link #loop}.
 */
public final class Session implements Subscriber {

    private final String clientIdentifier;
    private final String principal;
    private final SessionLoop loop;
    private final StoredSession state;
    private final Outbox outbox;
    private final boolean isStored;
    private final SessionHost host;

    private @Nullable Link link;
    private volatile @Nullable ConnectedClient client;
    private @Nullable Will pendingWill;
    private Runnable cancelWill = () -> {};
    private @Nullable Runnable cancelExpiry;
    private boolean expired;
    private boolean opening;
    private boolean discarded;

    Session(
            String clientIdentifier,
            SessionLoop loop,
            StoredSession state,
            boolean isStored,
            SessionHost host) {
        this.clientIdentifier = clientIdentifier;
        this.principal = state.principal();
        this.loop = loop;
        this.state = state;
        this.outbox = new Outbox(loop, state);
        this.isStored = isStored;
        this.host = host;
    }

    @Override
    public String clientIdentifier() {
        return clientIdentifier;
    }

    /** To whom the session belongs. Any thread. */
    String principal() {
        return principal;
    }

    /** The loop on which the session lives. Any thread. */
    public SessionLoop loop() {
        return loop;
    }

    /** Who is connected, or null. Any thread. */
    public @Nullable ConnectedClient client() {
        return client;
    }

    /** Whether its state is in the store, since it may outlive a connection. */
    boolean isStored() {
        return isStored;
    }

    // ------------------------------------------------------------------ life

    /**
     * Gives the session a connection. It can be found and ended from now on, but nothing is sent
     * yet.
     */
    public void attach(Link newLink) {
        if (link != null) {
            throw new IllegalStateException(
                    "session " + clientIdentifier + " has a connection already");
        }
        opening = false;
        link = newLink;
        client = newLink.client();
    }

    /** The observer admits the client; false if the connection has been ended meanwhile. */
    public boolean admit(Link candidate) {
        if (link != candidate) {
            return false;
        }
        candidate.admit();
        state.expirySeconds(candidate.expirySeconds());
        disarmExpiry();
        dropPendingWill();
        loop.counters().connections().increment();
        return true;
    }

    /**
     * Takes a connection away that was attached, but not admitted. The session is as it was before,
     * and expires when it would have expired before.
     */
    public void leave(Link candidate) {
        if (link == candidate && !candidate.isAdmitted()) {
            link = null;
            client = null;
            goOffline();
        }
    }

    /** The opening came to nothing before a connection was attached. */
    public void settle() {
        opening = false;
        if (link == null) {
            goOffline();
        }
    }

    /**
     * Begins to send: first what was sent before and not acknowledged [MQTT-4.4.0-1], then what
     * waits.
     */
    public void start() {
        Link current = link;
        if (current != null) {
            current.start(List.copyOf(state.unacknowledged()));
            outbox.pump(current);
        }
    }

    /**
     * Ends a connection of the session, if it still is that one; the will is published as {@code
     * cause} says.
     *
     * @return complete when the connection is closed
     */
    public CompletionStage<Void> end(Link ended, ConnectionEnd cause) {
        if (link != ended) {
            return CompletableFuture.completedFuture(null);
        }
        link = null;
        client = null;
        // Before its CONNACK a client must not be sent a DISCONNECT [MQTT-3.14.0-1].
        CompletionStage<Void> closed =
                ended.output().end(ended.isAdmitted() ? cause : ConnectionEnd.CONNECTION_LOST);
        if (ended.isAdmitted()) {
            loop.counters().connections().add(-1);
            host.disconnected(ended.client(), cause);
            takeLeave(ended, cause);
        }
        goOffline();
        return closed;
    }

    /** Ends the present connection, if there is one. */
    public CompletionStage<Void> end(ConnectionEnd cause) {
        Link current = link;
        return current == null ? CompletableFuture.completedFuture(null) : end(current, cause);
    }

    private void takeLeave(Link ended, ConnectionEnd cause) {
        state.expirySeconds(ended.expirySeconds());
        outbox.park(ended);
        Will will = ended.will();
        if (will != null && cause.publishesWill()) {
            publishWill(will);
        }
    }

    private void publishWill(Will will) {
        long delaySeconds = Math.min(will.delaySeconds(), state.expirySeconds());
        if (delaySeconds == 0) {
            host.publish(will.message(loop.nowMillis()));
            return;
        }
        pendingWill = will;
        cancelWill =
                loop.schedule(this::publishPendingWill, TimeUnit.SECONDS.toMillis(delaySeconds));
    }

    private void publishPendingWill() {
        Will will = pendingWill;
        if (will != null) {
            dropPendingWill();
            host.publish(will.message(loop.nowMillis()));
        }
    }

    private void dropPendingWill() {
        cancelWill.run();
        pendingWill = null;
    }

    private void goOffline() {
        if (expired || state.expirySeconds() == 0) {
            discard();
        } else if (cancelExpiry == null) {
            cancelExpiry =
                    loop.schedule(this::expire, TimeUnit.SECONDS.toMillis(state.expirySeconds()));
        }
    }

    /** A session that somebody is about to resume waits for what comes of it. */
    private void expire() {
        expired = true;
        if (!opening) {
            discard();
        }
    }

    private void disarmExpiry() {
        expired = false;
        if (cancelExpiry != null) {
            cancelExpiry.run();
            cancelExpiry = null;
        }
    }

    /**
     * Makes room for a new connection: ends the present one, and ends the session too unless the
     * new connection resumes it. A session to be resumed does not expire until {@link #attach} or
     * {@link #settle}.
     *
     * @return whether the session is there to be resumed
     */
    boolean makeRoom(boolean resume) {
        end(ConnectionEnd.TAKEN_OVER);
        if (!resume) {
            discard();
        }
        opening = !discarded;
        return opening;
    }

    /**
     * Ends the session: its subscriptions, its messages, its name. A will that still waits is
     * published [MQTT-3.1.3-9].
     */
    private void discard() {
        if (discarded || link != null) {
            return;
        }
        discarded = true;
        disarmExpiry();
        publishPendingWill();
        for (StoredSubscription subscription : state.subscriptions()) {
            host.unsubscribe(subscription.filter(), this);
        }
        outbox.discard();
        host.discarded(this);
    }

    /** Puts what came from the store where it belongs in memory. */
    void restore(Map<TopicFilter, StoredSubscription> subscriptions) {
        subscriptions.forEach(
                (filter, stored) ->
                        host.subscribe(
                                Subscription.of(
                                        filter,
                                        this,
                                        new SubscriptionOptions(
                                                stored.qos(),
                                                stored.noLocal(),
                                                stored.retainAsPublished(),
                                                stored.identifier()))));
        outbox.restored();
    }

    // --------------------------------------------------------- subscriptions

    /** Adds or replaces a subscription; true if there was none with this filter. */
    public boolean subscribe(TopicFilter filter, SubscriptionOptions options) {
        boolean isNew =
                state.subscribe(
                        new StoredSubscription(
                                filter.text(),
                                options.qos(),
                                options.noLocal(),
                                options.retainAsPublished(),
                                options.identifier()));
        host.subscribe(Subscription.of(filter, this, options));
        return isNew;
    }

    /** Removes a subscription; false if there was none with this filter. */
    public boolean unsubscribe(String filter) {
        return state.unsubscribe(filter) && host.unsubscribe(filter, this);
    }

    /** Whether there is a subscription with this filter. */
    public boolean isSubscribed(String filter) {
        return state.subscriptions().stream()
                .anyMatch(subscription -> subscription.filter().equals(filter));
    }

    /** Number of subscriptions. */
    public int subscriptionCount() {
        return state.subscriptions().size();
    }

    // -------------------------------------------------------------- delivery

    @Override
    public void deliver(Message message, Subscription subscription) {
        if (loop.inLoop()) {
            accept(message, subscription);
            return;
        }
        SessionLoop here = SessionLoop.current();
        if (here == null) {
            loop.execute(() -> accept(message, subscription));
        } else {
            here.handOver(this, message, subscription);
        }
    }

    void accept(Message message, Subscription subscription) {
        if (!discarded) {
            outbox.accept(link, message, subscription);
        }
    }

    /** Sends the retained messages that a new subscription is owed, after what is owed already. */
    public void replay(List<Message> retained, SubscriptionOptions options) {
        Link current = link;
        if (current != null) {
            current.replay(retained, options);
            outbox.pump(current);
        }
    }

    /** Sends what waits, as far as the client takes it. Called when its socket takes more again. */
    public void pump() {
        if (link != null) {
            outbox.pump(link);
        }
    }

    // ------------------------------------------- acknowledgements by the client

    /** PUBACK, or a PUBREC that refuses [MQTT-4.3.3-4]; false if no such message is under way. */
    public boolean acknowledged(int packetId) {
        Unacknowledged unacknowledged = state.unacknowledged(packetId);
        if (unacknowledged == null) {
            return false;
        }
        complete(packetId);
        return true;
    }

    /** PUBREC; false if no such message is under way. The caller sends PUBREL either way. */
    public boolean received(int packetId) {
        Unacknowledged unacknowledged = state.unacknowledged(packetId);
        if (unacknowledged == null || unacknowledged.delivery().qos() != Qos.EXACTLY_ONCE) {
            return false;
        }
        state.release(packetId);
        return true;
    }

    /** PUBCOMP; false if no such message is under way. */
    public boolean completed(int packetId) {
        Unacknowledged unacknowledged = state.unacknowledged(packetId);
        if (unacknowledged == null || !unacknowledged.isReleased()) {
            return false;
        }
        complete(packetId);
        return true;
    }

    private void complete(int packetId) {
        state.complete(packetId);
        Link current = link;
        if (current != null) {
            current.acknowledged(packetId);
            outbox.pump(current);
        }
    }

    // ------------------------------------------------ QoS 2 from the client

    /**
     * Notes a QoS 2 PUBLISH; false if it was noted before, so that it is not published again
     * [MQTT-4.3.3-10].
     */
    public boolean receive(int packetId) {
        return state.receive(packetId);
    }

    /** PUBREL; false if the packet identifier was not noted. */
    public boolean release(int packetId) {
        return state.releaseReceived(packetId);
    }

    /** QoS 2 messages that the client has sent and not released. */
    public int receivedCount() {
        return state.receivedCount();
    }
}
