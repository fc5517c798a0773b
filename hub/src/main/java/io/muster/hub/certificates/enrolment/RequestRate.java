package io.muster.hub.certificates.enrolment;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.DeviceId;
import java.time.Duration;

/**
 * How often each device may ask: so many times at once, and as many in each hour. Bounded: of too
 * many devices those that ask most seldom are forgotten, and begin anew. Shared, never blocks.
 */
public final class RequestRate {

    private static final int DEVICES_MAX = 100_000;
    private static final Duration HOUR = Duration.ofHours(1);

    private final int perHour;
    private final Ticker ticker;
    private final Cache<DeviceId, Bucket> buckets;

    /** For so many requests. */
    public RequestRate(int perHour, Ticker ticker) {
        this.perHour = perHour;
        this.ticker = ticker;
        this.buckets =
                Caffeine.newBuilder()
                        .maximumSize(DEVICES_MAX)
                        .expireAfterAccess(HOUR)
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .build();
    }

    /** Counts a request; whether it is not one too many. */
    public boolean take(DeviceId device) {
        long now = ticker.read();
        return buckets.get(device, id -> new Bucket(perHour, HOUR, now)).take(now);
    }

    /** So many at once, and as many in each period. Shared. */
    static final class Bucket {

        private final int max;
        private final double perNano;
        private double left;
        private long sinceNanos;

        Bucket(int max, Duration period, long now) {
            this.max = max;
            this.perNano = (double) max / period.toNanos();
            this.left = max;
            this.sinceNanos = now;
        }

        synchronized boolean take(long now) {
            left = Math.min(max, left + (now - sinceNanos) * perNano);
            sinceNanos = now;
            if (left < 1) {
                return false;
            }
            left--;
            return true;
        }
    }
}
