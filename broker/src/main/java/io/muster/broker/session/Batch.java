package io.muster.broker.session;

import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.routing.Subscription;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deliveries that one loop collected in one turn for another. Filled by the one, then handed over
 * and emptied by the other; then the first may fill it again.
 */
final class Batch {

    private static final Logger log = LoggerFactory.getLogger(Batch.class);
    private static final int FIRST_CAPACITY = 32;

    /** What a delivery takes: session, message, subscription, and whether it is promised. */
    private static final int SLOTS = 4;

    /** One that has grown beyond is not kept, since it would never shrink. */
    private static final int KEPT_CAPACITY = 1024;

    private Object[] slots = new Object[SLOTS * FIRST_CAPACITY];

    private int used;

    /** Written last by the loop that empties it, read first by the one that fills it. */
    private volatile boolean emptied;

    /** Whether it has been emptied; then the loop that asks fills it again. */
    boolean takeIfEmptied() {
        if (!emptied) {
            return false;
        }
        emptied = false;
        return true;
    }

    boolean isWorthKeeping() {
        return slots.length <= SLOTS * KEPT_CAPACITY;
    }

    void add(Session session, Message message, Subscription subscription, boolean isPromised) {
        if (used == slots.length) {
            slots = Arrays.copyOf(slots, used * 2);
        }
        slots[used++] = session;
        slots[used++] = message;
        slots[used++] = subscription;
        slots[used++] = isPromised;
    }

    int deliveries() {
        return used / SLOTS;
    }

    /** Delivers and forgets all. The caller lets go of the batch. */
    void deliverAll() {
        for (int i = 0; i < used; i += SLOTS) {
            deliver(
                    (Session) slots[i],
                    (Message) slots[i + 1],
                    (Subscription) slots[i + 2],
                    (Boolean) slots[i + 3]);
        }
        Arrays.fill(slots, 0, used, null);
        used = 0;
        emptied = true;
    }

    private static void deliver(
            Session session, Message message, Subscription subscription, boolean isPromised) {
        try {
            session.arrive(message, subscription, isPromised);
        } catch (RuntimeException | Error failure) {
            // The deliveries behind it are for others, and are in no other place.
            log.error("delivery failed client={}", new Quoted(session.clientIdentifier()), failure);
        }
    }
}
