package io.muster.broker.pace;

import io.muster.broker.metrics.Limit;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How fast clients may connect. A CONNECT that comes too fast is refused rather than kept waiting:
 * those who wait hold memory, and give up in the end and come again. Shared, without locks.
 *
 * <p>An address is remembered until its bucket is full again, that is for a second or so; the
 * others are forgotten whenever their number has doubled. IPv6 addresses with the same first 64
 * bits are one, since a single customer has all of them.
 */
public final class ConnectRates {

    private static final int FORGET_FROM = 1_024;

    private final @Nullable SharedBucket all;
    private final @Nullable Rate ofAddress;
    private final Map<Object, SharedBucket> addresses = new ConcurrentHashMap<>();
    private final AtomicInteger forgetAt = new AtomicInteger(FORGET_FROM);

    /** Nothing is used up. */
    public ConnectRates(RateLimits limits, long nowNanos) {
        this.all =
                limits.connects() == 0
                        ? null
                        : new SharedBucket(new Rate(limits.connects()), nowNanos);
        this.ofAddress = limits.addressConnects() == 0 ? null : new Rate(limits.addressConnects());
    }

    /**
     * A client connects; empty if it may. What an address is refused is not taken from what there
     * is for all.
     *
     * @return the limit that is reached
     */
    public Optional<Limit> limiting(InetAddress address, long nowNanos) {
        if (ofAddress != null && !bucket(address, ofAddress, nowNanos).tryTake(nowNanos)) {
            return Optional.of(Limit.ADDRESS_CONNECTS);
        }
        if (all != null && !all.tryTake(nowNanos)) {
            return Optional.of(Limit.CONNECTS);
        }
        return Optional.empty();
    }

    private SharedBucket bucket(InetAddress address, Rate rate, long nowNanos) {
        int limit = forgetAt.get();
        if (addresses.size() >= limit && forgetAt.compareAndSet(limit, Integer.MAX_VALUE)) {
            addresses.values().removeIf(bucket -> bucket.isFull(nowNanos));
            forgetAt.set(Math.max(FORGET_FROM, 2 * addresses.size()));
        }
        return addresses.computeIfAbsent(keyOf(address), key -> new SharedBucket(rate, nowNanos));
    }

    private static Object keyOf(InetAddress address) {
        return address instanceof Inet6Address
                ? (Object) ByteBuffer.wrap(address.getAddress()).getLong()
                : address;
    }

    /** How many addresses are remembered. */
    int remembered() {
        return addresses.size();
    }
}
