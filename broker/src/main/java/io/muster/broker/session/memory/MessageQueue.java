package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Qos;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait for one client, bounded by count and by payload bytes. When it is full the
 * newest is refused. Owns no memory while it is empty.
 *
 * <p>Messages of QoS 0 stand in a line of their own, so that the oldest of them is found without a
 * search; numbers tell which line's head came first.
 *
 * <p>Confined to the session's loop.
 */
final class MessageQueue {

    private static final ArrayDeque<Waiting> NONE = new ArrayDeque<>(0);

    private final int messagesMax;
    private final long bytesMax;
    private ArrayDeque<Waiting> qosZero = NONE;
    private ArrayDeque<Waiting> others = NONE;
    private long lastNumber;
    private long bytes;

    /** A delivery and its place in the order of all. */
    private record Waiting(long number, Delivery delivery) {
        int bytes() {
            return delivery.message().payload().size();
        }
    }

    MessageQueue(int messagesMax, long bytesMax) {
        this.messagesMax = messagesMax;
        this.bytesMax = bytesMax;
    }

    boolean offer(Delivery delivery) {
        Waiting waiting = new Waiting(++lastNumber, delivery);
        if (size() >= messagesMax || bytes + waiting.bytes() > bytesMax) {
            return false;
        }
        if (delivery.qos() == Qos.AT_MOST_ONCE) {
            qosZero = joined(qosZero, waiting);
        } else {
            others = joined(others, waiting);
        }
        bytes += waiting.bytes();
        return true;
    }

    private static ArrayDeque<Waiting> joined(ArrayDeque<Waiting> line, Waiting waiting) {
        ArrayDeque<Waiting> owned = line == NONE ? new ArrayDeque<>() : line;
        owned.add(waiting);
        return owned;
    }

    @Nullable Delivery peek() {
        Waiting first = isQosZeroFirst() ? qosZero.peek() : others.peek();
        return first == null ? null : first.delivery;
    }

    Delivery remove() {
        return isQosZeroFirst() ? removeQosZero() : removeOther();
    }

    private boolean isQosZeroFirst() {
        Waiting zero = qosZero.peek();
        Waiting other = others.peek();
        return zero != null && (other == null || zero.number < other.number);
    }

    private Delivery removeQosZero() {
        Waiting first = qosZero.remove();
        qosZero = qosZero.isEmpty() ? NONE : qosZero;
        bytes -= first.bytes();
        return first.delivery;
    }

    private Delivery removeOther() {
        Waiting first = others.remove();
        others = others.isEmpty() ? NONE : others;
        bytes -= first.bytes();
        return first.delivery;
    }

    boolean dropOldestQosZero() {
        if (qosZero.isEmpty()) {
            return false;
        }
        removeQosZero();
        return true;
    }

    int size() {
        return qosZero.size() + others.size();
    }

    long bytes() {
        return bytes;
    }

    /** Removes what {@code chosen} says, asking in the order of the queue; returns how many. */
    int removeIf(Predicate<Delivery> chosen) {
        if (size() == 0) {
            return 0;
        }
        List<Delivery> kept = new ArrayList<>();
        int before = size();
        while (size() > 0) {
            Delivery delivery = remove();
            if (!chosen.test(delivery)) {
                kept.add(delivery);
            }
        }
        kept.forEach(this::offer);
        return before - kept.size();
    }
}
