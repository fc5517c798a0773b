package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.DeviceId;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Notices online devices that send no data any more; shared.
 *
 * <p>A cache in which each device expires after the limit of its product does the watching, and its
 * scheduler sees to it that a device is noticed even if nothing else happens. It tells on the
 * timer's thread, under no lock and perhaps a moment late: whoever is told asks {@link #isWatched}
 * whether the device was heard again.
 */
final class IdleWatch {

    private final IdleLimits limits;
    private final Cache<DeviceId, Boolean> watched;

    /**
     * Watches nobody yet.
     *
     * @param limits how long a device may be silent
     * @param idled told of a device that was silent for longer
     */
    IdleWatch(
            IdleLimits limits,
            Ticker ticker,
            ScheduledExecutorService timer,
            Consumer<DeviceId> idled) {
        this.limits = limits;
        this.watched =
                Caffeine.newBuilder()
                        .expireAfter(new ByProduct(limits))
                        .ticker(ticker)
                        .scheduler(Scheduler.forScheduledExecutorService(timer))
                        .executor(timer)
                        .<DeviceId, Boolean>removalListener(
                                (id, value, cause) -> {
                                    if (cause == RemovalCause.EXPIRED && id != null) {
                                        idled.accept(id);
                                    }
                                })
                        .build();
    }

    /** All begins anew with each access. */
    private record ByProduct(IdleLimits limits) implements Expiry<DeviceId, Boolean> {

        private long nanos(DeviceId id) {
            long nanos = limits.nanos(id.productKey());
            return nanos == 0 ? Long.MAX_VALUE : nanos;
        }

        @Override
        public long expireAfterCreate(DeviceId id, Boolean value, long now) {
            return nanos(id);
        }

        @Override
        public long expireAfterUpdate(DeviceId id, Boolean value, long now, long left) {
            return nanos(id);
        }

        @Override
        public long expireAfterRead(DeviceId id, Boolean value, long now, long left) {
            return nanos(id);
        }
    }

    /** The device is online and was heard now. */
    void watch(DeviceId id) {
        if (isOff(id)) {
            watched.invalidate(id);
        } else {
            watched.put(id, Boolean.TRUE);
        }
    }

    /** The device need not be watched any more. */
    void forget(DeviceId id) {
        watched.invalidate(id);
    }

    /** The device was heard now; returns whether that was all there is to do. */
    boolean renew(DeviceId id) {
        return isOff(id) || watched.getIfPresent(id) != null;
    }

    /** Whether the device was heard within its limit, or has none; does not renew it. */
    boolean isWatched(DeviceId id) {
        return isOff(id) || watched.asMap().containsKey(id);
    }

    /** Whether the device may be silent for ever. */
    boolean isOff(DeviceId id) {
        return limits.nanos(id.productKey()) == 0;
    }
}
