package io.muster.broker.pace;

import org.jspecify.annotations.Nullable;

/** How fast may be published, and what of that is used up by all together. Shared. */
public final class PublishRates {

    private final RateLimits limits;
    private final @Nullable SharedBucket messages;
    private final @Nullable SharedBucket bytes;

    /** Nothing is used up. */
    public PublishRates(RateLimits limits, long nowNanos) {
        this.limits = limits;
        this.messages = shared(limits.messages(), nowNanos);
        this.bytes = shared(limits.bytes(), nowNanos);
    }

    private static @Nullable SharedBucket shared(long perSecond, long nowNanos) {
        return perSecond == 0 ? null : new SharedBucket(new Rate(perSecond), nowNanos);
    }

    private static @Nullable TokenBucket own(long perSecond, long nowNanos) {
        return perSecond == 0 ? null : new TokenBucket(new Rate(perSecond), nowNanos);
    }

    /** How fast a new connection may publish; null if nothing limits it. */
    public @Nullable PublishPace pace(long nowNanos) {
        TokenBucket ownMessages = own(limits.clientMessages(), nowNanos);
        TokenBucket ownBytes = own(limits.clientBytes(), nowNanos);
        boolean isLimited =
                ownMessages != null || ownBytes != null || messages != null || bytes != null;
        return isLimited ? new PublishPace(ownMessages, ownBytes, this) : null;
    }

    @Nullable SharedBucket messages() {
        return messages;
    }

    @Nullable SharedBucket bytes() {
        return bytes;
    }
}
