package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.session.memory.WaitingLine.Waiting;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait for one client, bounded by count and by bytes. When it is full the newest is
 * refused.
 *
 * <p>Messages of QoS 0 stand in a line of their own, so that the oldest of them is found without a
 * search; numbers tell which line's head came first. Those that will expire are also kept in the
 * order in which they do, so that it costs nothing to see that none has.
 *
 * <p>Confined to the session's loop.
 */
final class MessageQueue {

    private static final NavigableSet<Waiting> NONE = Collections.emptyNavigableSet();

    private final int messagesMax;
    private final long bytesMax;
    private final WaitingLine qosZero = new WaitingLine();
    private final WaitingLine others = new WaitingLine();
    private NavigableSet<Waiting> expiring = NONE;
    private long lastNumber;

    MessageQueue(int messagesMax, long bytesMax) {
        this.messagesMax = messagesMax;
        this.bytesMax = bytesMax;
    }

    boolean offer(Delivery delivery) {
        Message message = delivery.message();
        if (size() >= messagesMax || bytes() + message.bytes() > bytesMax) {
            return false;
        }
        add(delivery);
        return true;
    }

    /** Takes a message in, whatever the bounds are. */
    void add(Delivery delivery) {
        Message message = delivery.message();
        WaitingLine line = delivery.qos() == Qos.AT_MOST_ONCE ? qosZero : others;
        Waiting waiting = line.add(++lastNumber, delivery);
        if (message.expiresAtMillis() != Message.NEVER) {
            expiring = expiring == NONE ? new TreeSet<>(Waiting.BY_EXPIRY) : expiring;
            expiring.add(waiting);
        }
    }

    private void take(Waiting waiting) {
        waiting.leave();
        if (waiting.expiresAtMillis() != Message.NEVER) {
            expiring.remove(waiting);
            expiring = expiring.isEmpty() ? NONE : expiring;
        }
    }

    @Nullable Delivery peek() {
        Waiting oldest = older(qosZero.first(), others.first());
        return oldest == null ? null : oldest.delivery;
    }

    Delivery remove() {
        Waiting oldest = older(qosZero.first(), others.first());
        if (oldest == null) {
            throw new NoSuchElementException("nothing waits");
        }
        take(oldest);
        return oldest.delivery;
    }

    private static @Nullable Waiting older(@Nullable Waiting zero, @Nullable Waiting other) {
        boolean isZero = zero != null && (other == null || zero.number < other.number);
        return isZero ? zero : other;
    }

    int qosZeroSize() {
        return qosZero.size();
    }

    long qosZeroBytes() {
        return qosZero.bytes();
    }

    @Nullable Delivery removeQosZero() {
        Waiting oldest = qosZero.first();
        if (oldest == null) {
            return null;
        }
        take(oldest);
        return oldest.delivery;
    }

    int size() {
        return qosZero.size() + others.size();
    }

    long bytes() {
        return qosZero.bytes() + others.bytes();
    }

    /** Removes what {@code chosen} says, asking in the order of the queue; returns how many. */
    int removeIf(Predicate<Delivery> chosen) {
        int before = size();
        Waiting zero = qosZero.first();
        Waiting other = others.first();
        for (Waiting next = older(zero, other); next != null; next = older(zero, other)) {
            if (next == zero) {
                zero = next.next();
            } else {
                other = next.next();
            }
            if (chosen.test(next.delivery)) {
                take(next);
            }
        }
        return before - size();
    }

    /** When the first of the messages expires; {@link Message#NEVER} if none ever does. */
    long earliestExpiryMillis() {
        return expiring.isEmpty() ? Message.NEVER : expiring.first().expiresAtMillis();
    }

    /** Removes what has expired; returns how many. */
    int removeExpired(long nowMillis) {
        int before = size();
        while (earliestExpiryMillis() <= nowMillis) {
            take(expiring.first());
        }
        return before - size();
    }
}
