package io.muster.broker.pace;

import java.util.concurrent.TimeUnit;

/**
 * So many tokens in a second, and the arithmetic of a bucket that holds one second's worth of them.
 * A bucket is a single number: the moment at which it is full again. Whoever finds a token in it
 * may take any number, as a large packet does: the bucket is in debt then, and nobody gets any
 * until that is paid. So the rate holds over time whatever the sizes are, and nothing waits for
 * ever.
 *
 * <p>Moments are nanoseconds since any moment, so they are compared by their difference.
 *
 * @param perSecond at least 1
 */
record Rate(long perSecond) {

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A size and a rate that are multiplied with nanoseconds without an overflow. */
    private static final long AMOUNT_MAX = Long.MAX_VALUE / SECOND_NANOS / 2;

    /** How long it takes until a token is there; 0 or less if one is. */
    long waitNanos(long fullAtNanos, long nowNanos) {
        return fullAtNanos - nowNanos - SECOND_NANOS + nanosOf(1);
    }

    /** When the bucket is full again after {@code amount} tokens have been taken from it now. */
    long after(long fullAtNanos, long nowNanos, long amount) {
        long since = fullAtNanos - nowNanos > 0 ? fullAtNanos : nowNanos;
        return since + nanosOf(amount);
    }

    private long nanosOf(long amount) {
        return Math.min(amount, AMOUNT_MAX) * SECOND_NANOS / perSecond;
    }
}
