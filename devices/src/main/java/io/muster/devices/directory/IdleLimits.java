package io.muster.devices.directory;

import io.muster.devices.Product;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How long the devices of each product may send no data; shared, never blocks. The revision is kept
 * of each product, also if it says nothing itself: an older one that comes late must not count.
 */
final class IdleLimits {

    private final long usualNanos;
    private final ConcurrentMap<String, Limit> ofProducts = new ConcurrentHashMap<>();

    private record Limit(long nanos, Instant createdAt, long revision) {}

    /**
     * Without products.
     *
     * @param usual for those that say nothing themselves; zero is for ever
     */
    IdleLimits(Duration usual) {
        this.usualNanos = usual.toNanos();
    }

    /** In nanoseconds; zero is for ever. */
    long nanos(String productKey) {
        Limit limit = ofProducts.get(productKey);
        return limit == null ? usualNanos : limit.nanos();
    }

    /**
     * A product stands like this; if a later stand is known already, that stays.
     *
     * @return whether its limit is another one now
     */
    boolean note(Product product) {
        long before = nanos(product.productKey());
        ofProducts.compute(
                product.productKey(),
                (key, known) -> {
                    if (known != null
                            && !product.isNewerThan(known.createdAt(), known.revision())) {
                        return known;
                    }
                    return new Limit(
                            product.settings()
                                    .idleLimit()
                                    .map(Duration::toNanos)
                                    .orElse(usualNanos),
                            product.createdAt(),
                            product.revision());
                });
        return nanos(product.productKey()) != before;
    }

    void forget(String productKey) {
        ofProducts.remove(productKey);
    }
}
