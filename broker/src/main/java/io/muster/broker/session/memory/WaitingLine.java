package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Messages that wait in one line, the oldest first. A linked list, so that a message leaves from
 * wherever it stands without a search.
 *
 * <p>Confined to the session's loop.
 */
final class WaitingLine {

    private @Nullable Waiting first;
    private @Nullable Waiting last;
    private int size;
    private long bytes;

    /** A delivery and its place in the order of all. */
    static final class Waiting {

        /** The one that expires first, and of those that expire together the oldest. */
        static final Comparator<Waiting> BY_EXPIRY =
                Comparator.comparingLong(Waiting::expiresAtMillis)
                        .thenComparingLong(waiting -> waiting.number);

        final long number;
        final Delivery delivery;
        private final WaitingLine line;
        private @Nullable Waiting previous;
        private @Nullable Waiting next;

        private Waiting(long number, Delivery delivery, WaitingLine line) {
            this.number = number;
            this.delivery = delivery;
            this.line = line;
        }

        long bytes() {
            return delivery.message().bytes();
        }

        long expiresAtMillis() {
            return delivery.message().expiresAtMillis();
        }

        /** The one behind it, or null. */
        @Nullable Waiting next() {
            return next;
        }

        /** Leaves its line; once. */
        void leave() {
            line.remove(this);
        }
    }

    Waiting add(long number, Delivery delivery) {
        Waiting waiting = new Waiting(number, delivery, this);
        waiting.previous = last;
        if (last == null) {
            first = waiting;
        } else {
            last.next = waiting;
        }
        last = waiting;
        size++;
        bytes += waiting.bytes();
        return waiting;
    }

    private void remove(Waiting waiting) {
        if (waiting.previous == null) {
            first = waiting.next;
        } else {
            waiting.previous.next = waiting.next;
        }
        if (waiting.next == null) {
            last = waiting.previous;
        } else {
            waiting.next.previous = waiting.previous;
        }
        size--;
        bytes -= waiting.bytes();
    }

    /** The one that waits longest, or null. */
    @Nullable Waiting first() {
        return first;
    }

    int size() {
        return size;
    }

    /** Bytes of those that wait. */
    long bytes() {
        return bytes;
    }
}
