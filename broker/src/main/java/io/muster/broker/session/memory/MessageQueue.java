package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Qos;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait for one client, bounded by count and by payload bytes. When it is full the
 * newest is refused. Owns no memory while it is empty.
 *
 * <p>Confined to the session's loop.
 */
final class MessageQueue {

    private static final ArrayDeque<Delivery> NONE = new ArrayDeque<>(0);

    private final int messagesMax;
    private final long bytesMax;
    private ArrayDeque<Delivery> deliveries = NONE;
    private long bytes;

    MessageQueue(int messagesMax, long bytesMax) {
        this.messagesMax = messagesMax;
        this.bytesMax = bytesMax;
    }

    boolean offer(Delivery delivery) {
        int size = delivery.message().payload().size();
        if (deliveries.size() >= messagesMax || bytes + size > bytesMax) {
            return false;
        }
        if (deliveries == NONE) {
            deliveries = new ArrayDeque<>();
        }
        deliveries.add(delivery);
        bytes += size;
        return true;
    }

    @Nullable Delivery peek() {
        return deliveries.peek();
    }

    Delivery remove() {
        Delivery delivery = deliveries.remove();
        bytes -= delivery.message().payload().size();
        if (deliveries.isEmpty()) {
            deliveries = NONE;
        }
        return delivery;
    }

    int size() {
        return deliveries.size();
    }

    int dropQosZero() {
        int before = deliveries.size();
        ArrayDeque<Delivery> kept = new ArrayDeque<>();
        bytes = 0;
        for (Delivery delivery : deliveries) {
            if (delivery.qos() != Qos.AT_MOST_ONCE) {
                kept.add(delivery);
                bytes += delivery.message().payload().size();
            }
        }
        deliveries = kept.isEmpty() ? NONE : kept;
        return before - kept.size();
    }
}
