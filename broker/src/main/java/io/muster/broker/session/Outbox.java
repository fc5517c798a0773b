package io.muster.broker.session;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.routing.Subscription;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import io.muster.broker.topic.TopicFilter;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What leaves a session, and in which order.
 *
 * <p>With a connection that keeps up, a message goes straight to its {@link SessionOutput} and is
 * never queued. Otherwise it waits, and what waits leaves in this order: messages sent over an
 * earlier connection but not acknowledged (the link's resends), retained messages for new
 * subscriptions (its replays), then the session's queue, which is bounded; what happens when it is
 * full says the {@link QueuePolicy}. A message goes straight out only when nothing waits before it.
 * The client's Receive Maximum bounds the PUBLISH packets that are unacknowledged; while it holds
 * them up, those of QoS 0 go past them, in their order.
 *
 * <p>Confined to the session's loop.
 */
final class Outbox {

    /** Retained messages that are sent, or looked for in vain, before the loop turns to others. */
    static final int REPLAYS_PER_TURN = 100;

    private final SessionLoop loop;
    private final StoredSession state;
    private final SessionLimits limits;
    private final Load load;
    private final Owner owner;

    /** Whether publishers wait for the client, should there be one. */
    private boolean behind;

    /** The session around it. */
    interface Owner {
        /** Hands a message of a shared subscription to another member; false if there is none. */
        boolean redeliver(String share, Message message, boolean readyOnly);

        /** Publishers wait for the client, or do no longer. */
        void behind(boolean isBehind);
    }

    Outbox(SessionLoop loop, StoredSession state, SessionLimits limits, Load load, Owner owner) {
        this.loop = loop;
        this.state = state;
        this.limits = limits;
        this.load = load;
        this.owner = owner;
    }

    /**
     * Takes in a message that matched {@code subscription}.
     *
     * @param isPromised whether it was published because there was room for it
     */
    void accept(
            @Nullable Link link, Message message, Subscription subscription, boolean isPromised) {
        Qos qos = Qos.min(message.qos(), subscription.qos());
        boolean retain = message.retain() && subscription.retainAsPublished();
        boolean isConnected = link != null && link.isStarted();
        if (link != null && link.takesMore() && isNext(link, qos)) {
            if (qos == Qos.AT_MOST_ONCE) {
                sendNow(link, message, retain, subscription);
                return;
            }
            if (link.hasQuota()) {
                send(link, loop.delivery(message, qos, retain, subscription));
                noteLoad();
                return;
            }
        }
        if (qos == Qos.AT_MOST_ONCE && !isConnected) {
            loop.counters().dropped(DropReason.OFFLINE);
            return;
        }
        Delivery delivery = loop.delivery(message, qos, retain, subscription);
        if (isPromised && isConnected && qos != Qos.AT_MOST_ONCE) {
            enqueueForCertain(delivery);
        } else {
            enqueue(delivery, isConnected ? load.expectedMessages() : 0);
        }
    }

    /** Whether a message that comes now overtakes nothing, or only what the client holds up. */
    private boolean isNext(Link link, Qos qos) {
        boolean isFirst = !link.hasResends() && state.queuedMessages() == 0;
        return isFirst
                || (qos == Qos.AT_MOST_ONCE
                        && !link.hasQuota()
                        && state.queuedQosZero() == 0
                        && !owesRetained());
    }

    /**
     * Whether a retained message is first among those that wait, so that it was there before all
     * that comes now: nothing may go past it, lest an older message of a topic come last.
     */
    private boolean owesRetained() {
        Delivery first = state.peek();
        return first != null && first.retain() && first.qos() != Qos.AT_MOST_ONCE;
    }

    private void sendNow(Link link, Message message, boolean retain, Subscription subscription) {
        if (isSendable(link, message, Qos.AT_MOST_ONCE, subscription.identifiers())) {
            link.output().publish(message, retain, subscription.identifiers());
        }
    }

    /** Tells other threads how busy the session is. */
    private void noteLoad() {
        load.note(state);
        if (behind ? load.hasCaughtUp() : load.isBehind()) {
            behind = !behind;
            owner.behind(behind);
        }
    }

    /** Whether publishers wait for the client, should there be one. */
    boolean isBehind() {
        return behind;
    }

    // --------------------------------------------------------------- sending

    /**
     * Sends what waits, as far as the client takes it. Called whenever something that held it up
     * has changed.
     */
    void pump(Link link) {
        if (!link.isStarted()) {
            return;
        }
        SessionOutput output = link.output();
        int replaysLeft = link.isPostponed() ? 0 : REPLAYS_PER_TURN;
        boolean goesOn = true;
        while (goesOn && output.isWritable()) {
            if (link.hasResends()) {
                goesOn = resendNext(link) || (!link.hasReplays() && sendQosZero(link));
            } else if (link.hasReplays()) {
                goesOn = replaysLeft-- > 0 ? replayNext(link) : postpone(link);
            } else {
                goesOn = sendNext(link);
            }
        }
        noteLoad();
    }

    /** Lets others have their turn; false, for this one is over. */
    private boolean postpone(Link link) {
        if (!link.isPostponed()) {
            link.postponed(true);
            loop.execute(
                    () -> {
                        link.postponed(false);
                        pump(link);
                    });
        }
        return false;
    }

    private boolean resendNext(Link link) {
        Unacknowledged unacknowledged = link.nextResend();
        if (unacknowledged == null) {
            return false;
        }
        Delivery delivery = unacknowledged.delivery();
        int packetId = unacknowledged.packetId();
        if (unacknowledged.isReleased()) {
            link.output().pubrel(packetId);
        } else if (fits(
                link, delivery.message(), delivery.qos(), delivery.subscriptionIdentifiers())) {
            link.output().publish(delivery, packetId, true);
        } else {
            // The client takes less than before: as if it had taken the message [MQTT-3.1.2-25].
            state.complete(packetId);
            link.acknowledged(packetId);
        }
        return true;
    }

    private boolean replayNext(Link link) {
        if (!link.hasQuota() && link.replayNeedsQuota()) {
            return false;
        }
        Delivery next = link.nextReplay(loop.nowMillis());
        if (next != null) {
            send(link, next);
        }
        return true;
    }

    private boolean sendNext(Link link) {
        if (!link.hasQuota()) {
            return sendQosZero(link);
        }
        if (state.queuedMessages() == 0) {
            return false;
        }
        loop.counters().queued().add(-1);
        send(link, state.dequeue());
        return true;
    }

    /** What needs no quota does not wait for it [MQTT5 4.9]. */
    private boolean sendQosZero(Link link) {
        Delivery next = owesRetained() ? null : state.dequeueQosZero();
        if (next == null) {
            return false;
        }
        loop.counters().queued().add(-1);
        send(link, next);
        return true;
    }

    private void send(Link link, Delivery delivery) {
        Message message = delivery.message();
        SubscriptionIdentifiers identifiers = delivery.subscriptionIdentifiers();
        if (!isSendable(link, message, delivery.qos(), identifiers)) {
            return;
        }
        if (delivery.qos() == Qos.AT_MOST_ONCE) {
            link.output().publish(message, delivery.retain(), identifiers);
        } else {
            link.sent();
            link.output().publish(delivery, state.send(delivery), false);
        }
    }

    /**
     * Whether the message has not expired and is not too large for the client; counts it as dropped
     * otherwise.
     */
    private boolean isSendable(
            Link link, Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        if (message.expiresAtMillis() != Message.NEVER && message.isExpired(loop.nowMillis())) {
            loop.counters().dropped(DropReason.EXPIRED);
            return false;
        }
        return fits(link, message, qos, identifiers);
    }

    /** Whether the message is not too large for the client; counts it as dropped otherwise. */
    private boolean fits(Link link, Message message, Qos qos, SubscriptionIdentifiers identifiers) {
        boolean fits = link.output().fits(message, qos, identifiers);
        if (!fits) {
            loop.counters().dropped(DropReason.TOO_LARGE);
        }
        return fits;
    }

    // ------------------------------------------------ acknowledgements by the client

    /** PUBACK; false if no such message of QoS 1 is under way. */
    boolean acknowledged(@Nullable Link link, int packetId) {
        return isUnderWay(packetId, Qos.AT_LEAST_ONCE) && complete(link, packetId);
    }

    /** A PUBREC that refuses; false if no such message of QoS 2 is under way. */
    boolean refused(@Nullable Link link, int packetId) {
        return isUnderWay(packetId, Qos.EXACTLY_ONCE) && complete(link, packetId);
    }

    private boolean isUnderWay(int packetId, Qos qos) {
        Delivery delivery = state.unacknowledged(packetId);
        return delivery != null && delivery.qos() == qos;
    }

    /** PUBREC; false if no such message is under way. */
    boolean received(@Nullable Link link, int packetId) {
        if (!isUnderWay(packetId, Qos.EXACTLY_ONCE)) {
            return false;
        }
        state.release(packetId);
        if (link != null) {
            link.received(packetId);
        }
        return true;
    }

    /** PUBCOMP; false if no such message is under way. */
    boolean completed(@Nullable Link link, int packetId) {
        return state.isReleased(packetId) && complete(link, packetId);
    }

    private boolean complete(@Nullable Link link, int packetId) {
        state.complete(packetId);
        if (link != null) {
            link.acknowledged(packetId);
            pump(link);
        } else {
            noteLoad();
        }
        return true;
    }

    // ----------------------------------------------------------------- queue

    /** What was published because there was room for it takes that of messages of QoS 0. */
    private void enqueueForCertain(Delivery delivery) {
        boolean isThere = state.enqueue(delivery) || enqueueForExpired(delivery);
        while (!isThere && state.dequeueQosZero() != null) {
            loop.counters().queued().add(-1);
            loop.counters().dropped(DropReason.QUEUE_FULL_OLDEST);
            isThere = state.enqueue(delivery);
        }
        if (!isThere) {
            state.append(delivery);
        }
        loop.counters().queued().increment();
        noteLoad();
    }

    /**
     * Takes in what has no promise.
     *
     * @param promised messages on their way here that have one, whose room is not to be taken
     */
    private void enqueue(Delivery delivery, int promised) {
        boolean isRoom = state.queuedMessages() + promised < limits.queueMessagesMax();
        if ((isRoom && state.enqueue(delivery))
                || enqueueForExpired(delivery)
                || enqueueForOlder(delivery)) {
            loop.counters().queued().increment();
        } else {
            loop.counters().dropped(DropReason.QUEUE_FULL);
        }
        noteLoad();
    }

    private boolean enqueueForExpired(Delivery delivery) {
        return removeExpired() > 0 && state.enqueue(delivery);
    }

    /** Drops what has expired while it waited; returns how many [MQTT-3.3.2-5]. */
    int removeExpired() {
        if (state.earliestExpiryMillis() == Message.NEVER) {
            return 0; // so that most never ask for the time
        }
        int removed = state.removeExpired(loop.nowMillis());
        loop.counters().queued().add(-removed);
        loop.counters().dropped(DropReason.EXPIRED, removed);
        noteLoad();
        return removed;
    }

    /**
     * Drops what waits longest, if that is the policy, until there is room; false if none comes.
     */
    private boolean enqueueForOlder(Delivery delivery) {
        if (limits.queuePolicy() != QueuePolicy.DROP_OLDEST
                || delivery.message().bytes() > limits.queueBytesMax()) {
            return false;
        }
        boolean isQosZero = delivery.qos() == Qos.AT_MOST_ONCE;
        do {
            if (!(isQosZero ? state.dequeueQosZero() != null : dropOldest())) {
                return false;
            }
            loop.counters().queued().add(-1);
            loop.counters().dropped(DropReason.QUEUE_FULL_OLDEST);
        } while (!state.enqueue(delivery));
        return true;
    }

    private boolean dropOldest() {
        if (state.queuedMessages() == 0) {
            return false;
        }
        state.dequeue();
        return true;
    }

    /** The connection has ended: what does not outlive it is dropped, what does joins the queue. */
    void park(Link link) {
        int dropped = state.removeQueued(delivery -> delivery.qos() == Qos.AT_MOST_ONCE);
        loop.counters().queued().add(-dropped);
        loop.counters().dropped(DropReason.OFFLINE, dropped);
        if (link.expirySeconds() > 0 && link.hasReplays()) {
            parkReplays(link);
        }
        noteLoad();
    }

    /**
     * Retained messages join the queue at its head: what waits there may be newer, of the same
     * topic. For those the queue has no room for, nothing else is dropped; once it is full, no more
     * are looked for.
     */
    private void parkReplays(Link link) {
        removeExpired();
        int newer = state.queuedMessages();
        boolean hasRoom = true;
        while (hasRoom && link.hasReplays()) {
            Delivery delivery = link.nextReplay(loop.nowMillis());
            if (delivery != null && delivery.qos() != Qos.AT_MOST_ONCE) {
                hasRoom = state.enqueue(delivery);
                loop.counters().queued().add(hasRoom ? 1 : 0);
            }
        }
        if (!hasRoom) {
            loop.counters().dropped(DropReason.QUEUE_FULL);
        }
        for (int i = 0; i < newer; i++) {
            state.append(state.dequeue());
        }
    }

    /**
     * Takes messages of shared subscriptions away that somebody else takes: those sent with QoS 1
     * and not acknowledged, then those that wait. What was sent with QoS 2 stays [MQTT-4.8.2-4],
     * [MQTT-4.8.2-5].
     *
     * @param readyOnly whether only a member that is connected and has room will do
     */
    void passOn(boolean readyOnly) {
        for (Unacknowledged each : state.unacknowledged()) {
            Delivery delivery = each.delivery();
            if (delivery.qos() == Qos.AT_LEAST_ONCE && redeliver(delivery, readyOnly)) {
                state.complete(each.packetId());
            }
        }
        remove(delivery -> redeliver(delivery, readyOnly));
    }

    private boolean redeliver(Delivery delivery, boolean readyOnly) {
        String share = delivery.share();
        return share != null && owner.redeliver(share, delivery.message(), readyOnly);
    }

    /**
     * Takes the messages away that wait for shared subscriptions among these; other members get
     * them, and where there is none they are dropped.
     */
    void leave(List<String> filters) {
        Set<String> shares =
                filters.stream().filter(TopicFilter::isShared).collect(Collectors.toSet());
        if (shares.isEmpty() || state.queuedMessages() == 0) {
            return;
        }
        remove(
                delivery -> {
                    String share = delivery.share();
                    boolean isOfThem = share != null && shares.contains(share);
                    if (isOfThem && !redeliver(delivery, false)) {
                        loop.counters().dropped(DropReason.NO_MEMBER);
                    }
                    return isOfThem;
                });
    }

    /** Drops what waits on other topics than these. */
    void dropUnless(Predicate<String> topics) {
        remove(
                delivery -> {
                    boolean isForbidden = !topics.test(delivery.message().topic());
                    if (isForbidden) {
                        loop.counters().dropped(DropReason.NOT_AUTHORIZED);
                    }
                    return isForbidden;
                });
    }

    private void remove(Predicate<Delivery> chosen) {
        loop.counters().queued().add(-state.removeQueued(chosen));
        noteLoad();
    }

    /** The session came from the store: what waits is counted as waiting here. */
    void restored() {
        loop.counters().queued().add(state.queuedMessages());
        noteLoad();
    }

    /** The session has ended: what waits is no longer counted as waiting. */
    void discard() {
        loop.counters().queued().add(-state.queuedMessages());
    }
}
