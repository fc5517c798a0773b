package io.muster.devices.directory;

import io.muster.devices.Product;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How long the devices of each product may send no data; shared, never blocks. Of products that are
 * as the hub is configured, nothing is kept.
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
                    return product.settings()
                            .idleLimit()
                            .map(
                                    limit ->
                                            new Limit(
                                                    limit.toNanos(),
                                                    product.createdAt(),
                                                    product.revision()))
                            .orElse(null);
                });
        return nanos(product.productKey()) != before;
    }

    void forget(String productKey) {
        ofProducts.remove(productKey);
    }
}
