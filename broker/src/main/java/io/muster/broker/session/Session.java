package io.muster.broker.session;

import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.routing.Subscriber;
import io.muster.broker.routing.Subscription;
import io.muster.broker.routing.SubscriptionOptions;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSubscription;
import io.muster.broker.topic.TopicFilter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the broker owes one client, across its connections. {@link #attach} a link, {@link #admit}
 * it, {@link #start} it, and {@link #end} it; then the session is offline until a new link comes,
 * or until it expires and is discarded.
 *
 * <p>It lives on one loop from its first day to its last; a connection that resumes it moves to
 * that loop before its CONNACK. So nothing in here is locked, and the order of messages needs no
 * care: a publisher's loop hands its deliveries to the session's loop first in, first out, before,
 * during and after a reconnect.
 *
 * <p>Confined to its loop, except what {@link Subscriber} asks, {@link #client}, {@link #loop} and
 * {@link #send}.
 */
public final class Session implements Subscriber {

    private final String clientIdentifier;
    private final String principal;
    private final SessionLoop loop;
    private final StoredSession state;
    private final Load load;
    private final Outbox outbox;
    private final SessionTimers timers;
    private final boolean isStored;
    private final SessionHost host;
    private final SessionLimits limits;

    private @Nullable Link link;

    /** What its client may do, whether it is connected or not; null if none ever was. */
    private @Nullable TopicPermissions permissions;

    /** Topics that its client is not sent, whatever it subscribes to; null is none. */
    private volatile @Nullable Predicate<String> withheld;

    private volatile @Nullable ConnectedClient client;
    private boolean discarded;
    private boolean stopping;

    Session(
            String clientIdentifier,
            SessionLoop loop,
            StoredSession state,
            boolean isStored,
            SessionLimits limits,
            SessionHost host) {
        this.clientIdentifier = clientIdentifier;
        this.principal = state.principal();
        this.loop = loop;
        this.state = state;
        this.load = new Load(limits);
        this.isStored = isStored;
        this.host = host;
        this.limits = limits;
        Owner owner = new Owner();
        this.outbox = new Outbox(loop, state, limits, load, owner);
        this.timers = new SessionTimers(loop, owner);
    }

    /** What the outbox and the timers tell and ask. */
    private final class Owner implements Outbox.Owner, SessionTimers.Owner {
        @Override
        public void discard() {
            Session.this.discard();
        }

        /** The client may have lost the topic since its CONNECT, or be good no more. */
        @Override
        public void publishWill(Message will, ConnectedClient leaving) {
            boolean may = permissions == null || permissions.mayPublish(will.topic());
            if (!may || !host.publishWill(will, leaving)) {
                loop.counters().dropped(DropReason.NOT_AUTHORIZED);
            }
        }

        @Override
        public boolean redeliver(String share, Message message, boolean readyOnly) {
            return host.redeliver(share, message, Session.this, readyOnly);
        }

        @Override
        public void behind(boolean isBehind) {
            Link current = link;
            if (current != null && current.isStarted()) {
                noteBehind(current, isBehind);
            }
        }
    }

    @Override
    public String clientIdentifier() {
        return clientIdentifier;
    }

    /** To whom the session belongs. Any thread. */
    public String principal() {
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

    // ------------------------------------------------------------------ life

    /**
     * Gives the session a connection. It can be found and ended from now on, but nothing is sent
     * yet.
     */
    public void attach(Link newLink) {
        if (link != null) {
            throw new IllegalStateException(clientIdentifier + " has a connection already");
        }
        timers.hold(false);
        link = newLink;
        client = newLink.client();
    }

    /** The observer admits the client; false if the connection has been ended meanwhile. */
    public boolean admit(Link candidate) {
        if (link != candidate) {
            return false;
        }
        candidate.admit();
        permissions(candidate.client().identity().permissions());
        state.expirySeconds(candidate.expirySeconds());
        timers.clear();
        loop.counters().connections().increment();
        return true;
    }

    private void permissions(TopicPermissions present) {
        permissions = present;
        withheld = present.withheld().orElse(null);
    }

    /** Whether the client is not sent messages on this topic, whatever it subscribes to. */
    boolean isWithheld(String topic) {
        Predicate<String> topics = withheld;
        return topics != null && topics.test(topic);
    }

    /**
     * Takes a connection away that was attached, but not admitted. The session is as it was before,
     * and expires when it would have expired before.
     */
    public void leave(Link candidate) {
        if (link == candidate && !candidate.isAdmitted()) {
            link = null;
            client = null;
            timers.awaitExpiry(state.expirySeconds());
        }
    }

    /** The opening came to nothing before a connection was attached. */
    public void settle() {
        timers.hold(false);
        if (link == null) {
            timers.awaitExpiry(state.expirySeconds());
        }
    }

    /**
     * Begins to send: first what was sent before and not acknowledged [MQTT-4.4.0-1], then what
     * waits.
     */
    public void start() {
        Link current = link;
        if (current != null) {
            current.start(state.unacknowledged());
            load.connected(true);
            if (outbox.isBehind()) {
                noteBehind(current, true);
            }
            outbox.pump(current);
        }
    }

    /** Publishers wait for the client: it must go on, or be gone. */
    private void noteBehind(Link current, boolean isBehind) {
        if (limits.holdsPublishers()) {
            current.behind(isBehind, loop, limits.stallMillis(), load, () -> endStalled(current));
        }
    }

    private void endStalled(Link stalled) {
        loop.counters().stalled().increment();
        end(stalled, ConnectionEnd.STALLED);
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
        load.connected(false);
        // Before its CONNACK a client must not be sent a DISCONNECT [MQTT-3.14.0-1].
        CompletionStage<Void> closed =
                ended.end(ended.isAdmitted() ? cause : ConnectionEnd.CONNECTION_LOST);
        if (ended.isAdmitted()) {
            loop.counters().connections().add(-1);
            host.disconnected(ended.client(), cause);
            takeLeave(ended, cause);
        }
        timers.awaitExpiry(state.expirySeconds());
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
        stopping = cause == ConnectionEnd.SERVER_SHUTTING_DOWN;
        passOnShared(true);
        if (cause.publishesWill()) {
            timers.publishWill(ended);
        }
    }

    /**
     * The broker is about to stop, and the session with it: publishes the will, also one that
     * waits, while those who subscribe to it are still there [MQTT-3.1.3-9].
     */
    public void publishWillBeforeStop() {
        if (link != null && link.isAdmitted()) {
            timers.publishWill(link);
        }
        timers.publishPendingWill();
        loop.endTurn();
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
        timers.hold(!discarded);
        return !discarded;
    }

    /** Ends the session, and its connection as an administrative action. */
    CompletionStage<Void> remove() {
        CompletionStage<Void> closed = end(ConnectionEnd.ADMINISTRATIVE_ACTION);
        discard();
        return closed;
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
        if (timers.isExpired()) {
            loop.counters().expiredSessions().increment();
        }
        timers.disarmExpiry();
        timers.publishPendingWill();
        for (StoredSubscription subscription : state.subscriptions()) {
            host.unsubscribe(subscription.filter(), this);
        }
        passOnShared(false);
        outbox.discard();
        host.discarded(this, isStored);
    }

    boolean isDiscarded() {
        return discarded;
    }

    /** What came from the store is in its place. */
    void restored() {
        outbox.restored();
    }

    // --------------------------------------------------------- subscriptions

    /** Adds or replaces a subscription; true if there was none with this filter. */
    public boolean subscribe(TopicFilter filter, SubscriptionOptions options) {
        boolean isNew = state.subscribe(options.toStored(filter));
        host.subscribe(Subscription.of(filter, this, options));
        return isNew;
    }

    /**
     * Removes a subscription; false if there was none with this filter. What waits and was brought
     * by a shared subscription goes to the members that are left, and is dropped if none is.
     */
    public boolean unsubscribe(String filter) {
        return !removeSubscriptions(List.of(filter)).isEmpty();
    }

    /** Removes subscriptions; returns those that were there. */
    List<String> removeSubscriptions(List<String> filters) {
        List<String> removed =
                filters.stream()
                        .filter(each -> state.unsubscribe(each) && host.unsubscribe(each, this))
                        .toList();
        // What has been sent is completed nevertheless [MQTT-3.10.4-3].
        outbox.leave(removed);
        return removed;
    }

    /**
     * The client is asked for anew, whether it is connected or not: subscriptions that it may no
     * longer hold end, and what waits on topics that it may no longer read is dropped. What is
     * {@linkplain TopicPermissions#isUndecidedWhileAway undecided} stays until the client comes
     * back. What it may publish is asked anew from now on, the rest as the review goes on. On the
     * session's loop.
     */
    public PermissionReview reviewPermissions() {
        publishPermissionsChanged();
        return new PermissionReview(this, state, outbox);
    }

    /**
     * What the client may publish is asked for anew; its subscriptions stay as they are. On the
     * session's loop.
     *
     * @return whether a client is connected
     */
    public boolean publishPermissionsChanged() {
        if (link != null && link.isAdmitted()) {
            permissions(link.permissionsChanged());
        }
        return link != null;
    }

    /** Whether the client may subscribe to this filter, by what is known now. */
    boolean maySubscribe(String filter) {
        TopicPermissions present = permissions;
        boolean isAway = link == null || !link.isAdmitted();
        return present == null
                || present.maySubscribe(filter)
                || (isAway && present.isUndecidedWhileAway(filter));
    }

    /** Whether there is a subscription with this filter. */
    public boolean isSubscribed(String filter) {
        return state.isSubscribed(filter);
    }

    /** Number of subscriptions. */
    public int subscriptionCount() {
        return state.subscriptions().size();
    }

    // -------------------------------------------------------------- delivery

    @Override
    public void deliver(Message message, Subscription subscription, boolean isAdmitted) {
        if (isWithheld(message.topic())) {
            return; // and is not expected either
        }
        if (loop.inLoop()) {
            accept(message, subscription, isAdmitted);
            return;
        }
        boolean isPromised =
                isAdmitted
                        && message.qos() != Qos.AT_MOST_ONCE
                        && subscription.qos() != Qos.AT_MOST_ONCE
                        && load.isConnected();
        if (isPromised || subscription.isShared()) {
            load.expect(message);
        }
        loop.handIn(this, message, subscription, isPromised);
    }

    /**
     * Sends a message to one connection, whether its client subscribes to the topic or not; nothing
     * if that connection has ended. Any thread.
     */
    public void send(Link target, Message message) {
        loop.run(
                () -> {
                    if (link == target) {
                        outbox.accept(target, message, Subscription.direct(this, message), false);
                    }
                });
    }

    /**
     * Sends a message to whoever is connected now, whether he subscribes to the topic or not. On
     * the session's loop.
     *
     * @return whether a client was there that has its CONNACK
     */
    public boolean send(Message message) {
        Link current = link;
        if (current == null || !current.isStarted()) {
            return false;
        }
        outbox.accept(current, message, Subscription.direct(this, message), false);
        return true;
    }

    /** A message comes from another loop. */
    void arrive(Message message, Subscription subscription, boolean isPromised) {
        if (!isPromised && subscription.isShared()) {
            load.arrived(message); // before, or it would be in its own way
        }
        accept(message, subscription, isPromised);
        if (isPromised) {
            load.arrived(message); // afterwards, so that it is never overlooked
        }
    }

    private void accept(Message message, Subscription subscription, boolean isPromised) {
        if (isWithheld(message.topic())) {
            return;
        }
        String share = link == null ? subscription.share() : null;
        if (share != null && host.redeliver(share, message, this, !discarded)) {
            return; // it was chosen before its client left
        }
        if (!discarded) {
            outbox.accept(link, message, subscription, isPromised);
        } else if (share != null) {
            loop.counters().dropped(DropReason.NO_MEMBER);
        }
    }

    /** What came by shared subscriptions is for their other members, unless these leave as well. */
    private void passOnShared(boolean readyOnly) {
        if (!stopping) {
            outbox.passOn(readyOnly);
        }
    }

    @Override
    public boolean isConnected() {
        return load.isConnected();
    }

    /**
     * Where publishers wait for a connected client, there is room as long as it is not behind. What
     * the client is not sent takes none: nobody waits on its account.
     */
    @Override
    public boolean hasRoomFor(Message message) {
        if (isWithheld(message.topic())) {
            return true;
        }
        if (limits.holdsPublishers() && load.isConnected()) {
            return !load.isBehind();
        }
        return load.hasRoomFor(message) || holdsExpired();
    }

    @Override
    public boolean hasCaughtUp() {
        if (holdsExpired()) {
            loop.execute(this::removeExpired);
        }
        return !load.isConnected() || load.letsGoOn();
    }

    /** Whether a message that waits has expired. Any thread. */
    boolean holdsExpired() {
        return load.holdsExpired(loop.nowMillis());
    }

    /** Drops what has expired while it waited; returns how many. */
    int removeExpired() {
        return discarded ? 0 : outbox.removeExpired();
    }

    @Override
    public int load() {
        return load.messages();
    }

    /** Of the retained messages that the client is owed, it is sent only those on these topics. */
    void oweOnly(Predicate<String> topics) {
        if (link != null) {
            link.oweOnly(topics);
        }
    }

    /** Sends the retained messages that a new subscription is owed, after what is owed already. */
    public void replay(Matches retained, SubscriptionOptions options) {
        Link current = link;
        if (current != null) {
            current.replay(retained, options, topic -> !isWithheld(topic));
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

    /**
     * PUBACK; false if no such message of QoS 1 is under way. The message is done with, also where
     * it was refused: nobody else gets it [MQTT-4.8.2-6].
     */
    public boolean acknowledged(int packetId) {
        return outbox.acknowledged(link, packetId);
    }

    /** A PUBREC that refuses [MQTT-4.3.3-4]; false if no such message of QoS 2 is under way. */
    public boolean refused(int packetId) {
        return outbox.refused(link, packetId);
    }

    /** PUBREC; false if no such message is under way. The caller sends PUBREL either way. */
    public boolean received(int packetId) {
        return outbox.received(link, packetId);
    }

    /** PUBCOMP; false if no such message is under way. */
    public boolean completed(int packetId) {
        return outbox.completed(link, packetId);
    }

    /** Whether a message with this packet identifier is under way, in whatever state. */
    public boolean isUnderWay(int packetId) {
        return state.unacknowledged(packetId) != null;
    }

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
