package io.muster.broker.session;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.routing.Subscription;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import org.jspecify.annotations.Nullable;

/**
 * What leaves a session, and in which order.
 *
 * <p>With a connection that keeps up, a message goes straight to its {@link SessionOutput} and is
 * never queued. Otherwise it waits, and what waits leaves in this order: messages sent over an
 * earlier connection but not acknowledged (the link's resends), retained messages for new
 * subscriptions (its replays), then the session's queue, which is bounded. A message goes straight
 * out only when nothing waits before it. The client's Receive Maximum bounds what is
 * unacknowledged.
 *
 * <p>Confined to the session's loop.
 */
final class Outbox {

    private final SessionLoop loop;
    private final StoredSession state;

    Outbox(SessionLoop loop, StoredSession state) {
        this.loop = loop;
        this.state = state;
    }

    /** Takes in a message that matched {@code subscription}. */
    void accept(@Nullable Link link, Message message, Subscription subscription) {
        Qos qos = Qos.min(message.qos(), subscription.qos());
        boolean retain = message.retain() && subscription.retainAsPublished();
        if (link != null && link.isClear() && state.queuedMessages() == 0) {
            sendOrQueue(link, message, qos, retain, subscription);
        } else if (qos == Qos.AT_MOST_ONCE && (link == null || !link.isStarted())) {
            loop.counters().dropped(DropReason.OFFLINE);
        } else {
            enqueue(delivery(message, qos, retain, subscription));
        }
    }

    private void sendOrQueue(
            Link link, Message message, Qos qos, boolean retain, Subscription subscription) {
        if (qos == Qos.AT_MOST_ONCE) {
            if (isSendable(link, message, qos, subscription.identifiers())) {
                link.output().publish(message, retain, subscription.identifiers());
            }
        } else if (link.hasQuota()) {
            send(link, delivery(message, qos, retain, subscription));
        } else {
            enqueue(delivery(message, qos, retain, subscription));
        }
    }

    private static Delivery delivery(
            Message message, Qos qos, boolean retain, Subscription subscription) {
        return new Delivery(message, qos, retain, subscription.identifiers(), subscription.share());
    }

    /**
     * Sends what waits, as far as the client takes it. Called whenever something that held it up
     * has changed.
     */
    void pump(Link link) {
        if (!link.isStarted()) {
            return;
        }
        SessionOutput output = link.output();
        while (output.isWritable()) {
            if (link.hasResends()) {
                if (!resendNext(link)) {
                    return;
                }
            } else if (!sendNext(link)) {
                return;
            }
        }
    }

    private boolean resendNext(Link link) {
        if (!link.hasQuota()) {
            return false;
        }
        Unacknowledged unacknowledged = link.nextResend();
        if (unacknowledged == null) {
            return false;
        }
        link.sent();
        if (unacknowledged.isReleased()) {
            link.output().pubrel(unacknowledged.packetId());
        } else {
            link.output().publish(unacknowledged.delivery(), unacknowledged.packetId(), true);
        }
        return true;
    }

    private boolean sendNext(Link link) {
        if (link.hasReplays()) {
            if (!link.hasQuota()) {
                return false;
            }
            send(link, link.nextReplay());
            return true;
        }
        Delivery next = state.peek();
        if (next == null || (next.qos() != Qos.AT_MOST_ONCE && !link.hasQuota())) {
            return false;
        }
        loop.counters().queued().add(-1);
        send(link, state.dequeue());
        return true;
    }

    private void send(Link link, Delivery delivery) {
        Message message = delivery.message();
        if (!isSendable(link, message, delivery.qos(), delivery.subscriptionIdentifiers())) {
            return;
        }
        if (delivery.qos() == Qos.AT_MOST_ONCE) {
            link.output().publish(message, delivery.retain(), delivery.subscriptionIdentifiers());
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
        if (!link.output().fits(message, qos, identifiers)) {
            loop.counters().dropped(DropReason.TOO_LARGE);
            return false;
        }
        return true;
    }

    private void enqueue(Delivery delivery) {
        if (state.enqueue(delivery)) {
            loop.counters().queued().increment();
        } else {
            loop.counters().dropped(DropReason.QUEUE_FULL);
        }
    }

    /** The connection has ended: what does not outlive it is dropped, what does joins the queue. */
    void park(Link link) {
        int dropped = state.dropQosZero();
        loop.counters().queued().add(-dropped);
        loop.counters().dropped(DropReason.OFFLINE, dropped);
        if (link.expirySeconds() > 0 && link.hasReplays()) {
            parkReplays(link);
        }
    }

    /**
     * Retained messages join the queue at its head: what waits there may be newer, of the same
     * topic.
     */
    private void parkReplays(Link link) {
        int newer = state.queuedMessages();
        while (link.hasReplays()) {
            Delivery delivery = link.nextReplay();
            if (delivery.qos() != Qos.AT_MOST_ONCE) {
                enqueue(delivery);
            }
        }
        for (int i = 0; i < newer; i++) {
            state.enqueue(state.dequeue());
        }
    }

    /** The session came from the store: what waits is counted as waiting here. */
    void restored() {
        loop.counters().queued().add(state.queuedMessages());
    }

    /** The session has ended: what waits is no longer counted as waiting. */
    void discard() {
        loop.counters().queued().add(-state.queuedMessages());
    }
}
