package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.DeviceId;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Notices online devices that have fallen silent; shared.
 *
 * <p>A cache that expires after access does the watching, and its scheduler sees to it that a
 * device is noticed even if nothing else happens. It tells on the timer's thread, under no lock and
 * perhaps a moment late: whoever is told asks {@link #isWatched} whether the device was heard
 * again.
 */
final class IdleWatch {

    private final boolean off;
    private final Cache<DeviceId, Boolean> watched;

    /**
     * Watches nobody yet.
     *
     * @param idleTimeout how long a device may be silent; zero is for ever
     * @param idled told of a device that was silent for longer
     */
    IdleWatch(
            Duration idleTimeout,
            Ticker ticker,
            ScheduledExecutorService timer,
            Consumer<DeviceId> idled) {
        this.off = idleTimeout.isZero();
        this.watched =
                Caffeine.newBuilder()
                        .expireAfterAccess(off ? Duration.ofDays(1) : idleTimeout)
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

    /** The device is online and was heard now. */
    void watch(DeviceId id) {
        if (!off) {
            watched.put(id, Boolean.TRUE);
        }
    }

    /** The device need not be watched any more. */
    void forget(DeviceId id) {
        if (!off) {
            watched.invalidate(id);
        }
    }

    /** The device was heard now; returns whether that was all there is to do. */
    boolean renew(DeviceId id) {
        return off || watched.getIfPresent(id) != null;
    }

    /** Whether the device was heard within the idle timeout; does not renew it. */
    boolean isWatched(DeviceId id) {
        return watched.asMap().containsKey(id);
    }
}
