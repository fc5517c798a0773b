package io.muster.broker.pace;

import io.muster.broker.metrics.Limit;
import io.muster.broker.pace.HeldPublishers.Condition;
import io.muster.broker.pace.HeldPublishers.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * How fast one connection may publish, by its own rates and by those that it shares with all
 * others. Confined to the connection's loop.
 */
public final class PublishPace {

    private final @Nullable TokenBucket messages;
    private final @Nullable TokenBucket bytes;
    private final PublishRates shared;

    PublishPace(@Nullable TokenBucket messages, @Nullable TokenBucket bytes, PublishRates shared) {
        this.messages = messages;
        this.bytes = bytes;
        this.shared = shared;
    }

    /** A token of a bucket that is shared. */
    private record Token(SharedBucket bucket, HeldPublishers of) implements Condition {
        @Override
        public boolean holds() {
            return bucket.hasToken(of.nowNanos());
        }
    }

    /** Whether {@code publisher} may publish now; if not it is held until it is worth a try. */
    public boolean admits(HeldPublishers held, Publisher publisher) {
        long nowNanos = held.nowNanos();
        return hasToken(messages, Limit.CLIENT_MESSAGES, held, publisher, nowNanos)
                && hasToken(bytes, Limit.CLIENT_BYTES, held, publisher, nowNanos)
                && hasToken(shared.messages(), Limit.MESSAGES, held, publisher, nowNanos)
                && hasToken(shared.bytes(), Limit.BYTES, held, publisher, nowNanos);
    }

    private static boolean hasToken(
            @Nullable TokenBucket bucket,
            Limit limit,
            HeldPublishers held,
            Publisher publisher,
            long nowNanos) {
        long waitNanos = bucket == null ? 0 : bucket.waitNanos(nowNanos);
        if (waitNanos > 0) {
            held.holdUntil(publisher, limit, nowNanos + waitNanos);
        }
        return waitNanos <= 0;
    }

    private static boolean hasToken(
            @Nullable SharedBucket bucket,
            Limit limit,
            HeldPublishers held,
            Publisher publisher,
            long nowNanos) {
        if (bucket == null || bucket.hasToken(nowNanos)) {
            return true;
        }
        held.hold(publisher, limit, new Token(bucket, held));
        return false;
    }

    /** A PUBLISH went on. */
    public void spend(HeldPublishers held, long packetBytes) {
        long nowNanos = held.nowNanos();
        take(messages, 1, nowNanos);
        take(bytes, packetBytes, nowNanos);
        take(shared.messages(), 1, nowNanos);
        take(shared.bytes(), packetBytes, nowNanos);
    }

    private static void take(@Nullable TokenBucket bucket, long amount, long nowNanos) {
        if (bucket != null) {
            bucket.take(amount, nowNanos);
        }
    }

    private static void take(@Nullable SharedBucket bucket, long amount, long nowNanos) {
        if (bucket != null) {
            bucket.take(amount, nowNanos);
        }
    }
}
