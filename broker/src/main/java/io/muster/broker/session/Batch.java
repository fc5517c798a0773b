package io.muster.broker.session;

import io.muster.broker.message.Message;
import io.muster.broker.routing.Subscription;
import java.util.Arrays;

/**
 * Deliveries that one loop collected in one turn for another. Filled by the one, then handed over
 * and emptied by the other.
 */
final class Batch {

    private static final int FIRST_CAPACITY = 32;

    /** Session, message and subscription of each delivery, one after the other. */
    private Object[] slots = new Object[3 * FIRST_CAPACITY];

    private int used;

    void add(Session session, Message message, Subscription subscription) {
        if (used == slots.length) {
            slots = Arrays.copyOf(slots, used * 2);
        }
        slots[used++] = session;
        slots[used++] = message;
        slots[used++] = subscription;
    }

    int deliveries() {
        return used / 3;
    }

    void deliverAll() {
        for (int i = 0; i < used; i += 3) {
            ((Session) slots[i]).accept((Message) slots[i + 1], (Subscription) slots[i + 2]);
        }
    }
}
