package io.muster.broker.session;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
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
            sendOrQueue(link, message, qos, retain);
        } else if (link == null && qos == Qos.AT_MOST_ONCE) {
            loop.counters().dropped(DropReason.OFFLINE);
        } else {
            enqueue(new Delivery(message, qos, retain));
        }
    }

    private void sendOrQueue(Link link, Message message, Qos qos, boolean retain) {
        if (qos == Qos.AT_MOST_ONCE) {
            if (isSendable(link, message)) {
                link.output().publish(message, retain);
            }
        } else if (link.hasQuota()) {
            send(link, new Delivery(message, qos, retain));
        } else {
            enqueue(new Delivery(message, qos, retain));
        }
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
        if (state.unacknowledged(unacknowledged.packetId()) == null) {
            return true; // The client remembered it and was quicker.
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
        if (!isSendable(link, message)) {
            return;
        }
        if (delivery.qos() == Qos.AT_MOST_ONCE) {
            link.output().publish(message, delivery.retain());
        } else {
            link.sent();
            link.output().publish(delivery, state.send(delivery), false);
        }
    }

    /**
     * Whether the message has not expired and is not too large for the client; counts it as dropped
     * otherwise.
     */
    private boolean isSendable(Link link, Message message) {
        if (message.expiresAtMillis() != Message.NEVER && message.isExpired(loop.nowMillis())) {
            loop.counters().dropped(DropReason.EXPIRED);
            return false;
        }
        if (!link.output().fits(message)) {
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
        while (link.expirySeconds() > 0 && link.hasReplays()) {
            Delivery delivery = link.nextReplay();
            if (delivery.qos() != Qos.AT_MOST_ONCE) {
                enqueue(delivery);
            }
        }
    }

    /** The session has ended: what waits is no longer counted as waiting. */
    void discard() {
        loop.counters().queued().add(-state.queuedMessages());
    }
}
