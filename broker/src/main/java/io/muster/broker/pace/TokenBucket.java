package io.muster.broker.pace;

/** The bucket of one connection: see {@link Rate}. Confined to its loop. */
final class TokenBucket {

    private final Rate rate;
    private long fullAtNanos;

    /** A full bucket. */
    TokenBucket(Rate rate, long nowNanos) {
        this.rate = rate;
        this.fullAtNanos = nowNanos;
    }

    /** How long it takes until a token is there; 0 or less if one is. */
    long waitNanos(long nowNanos) {
        return rate.waitNanos(fullAtNanos, nowNanos);
    }

    /** Takes tokens, whether they are there or not. */
    void take(long amount, long nowNanos) {
        fullAtNanos = rate.after(fullAtNanos, nowNanos, amount);
    }
}
