package io.muster.auth.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.guard.Bar.Guard;
import io.muster.auth.guard.GuardSettings.ConnectRate;
import io.muster.auth.spi.Identity;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Bars a device that connects too often, for some time. Shared by all threads; never blocks.
 *
 * <p>It counts by principal, so only for those who have proven who they are. A connect that is
 * refused here counts no more, and does not make the bar longer.
 */
final class ConnectRateGuard {

    private final ConnectRate rate;
    private final Ticker ticker;
    private final Cache<String, Connects> byPrincipal;

    ConnectRateGuard(ConnectRate rate, int entriesMax, Ticker ticker) {
        this.rate = rate;
        this.ticker = ticker;
        Duration longer =
                rate.within().compareTo(rate.barTime()) > 0 ? rate.within() : rate.barTime();
        this.byPrincipal =
                Caffeine.newBuilder()
                        .maximumSize(entriesMax)
                        .expireAfterWrite(longer)
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .build();
    }

    /** What came of a connect. */
    enum Verdict {
        FINE,
        /** It was one too many. */
        BARRED_NOW,
        BARRED_BEFORE
    }

    /** Counts a connect of a device; others are fine. */
    Verdict connects(Identity identity) {
        if (!rate.enabled() || !identity.attributes().containsKey("deviceKey")) {
            return Verdict.FINE;
        }
        long now = ticker.read();
        Verdict[] verdict = {Verdict.FINE};
        byPrincipal
                .asMap()
                .compute(
                        identity.principal(),
                        (principal, before) -> {
                            Connects known = before == null ? Connects.NONE : before;
                            if (known.isBarredAt(now)) {
                                verdict[0] = Verdict.BARRED_BEFORE;
                                return known;
                            }
                            Connects after = known.with(now, rate);
                            verdict[0] = after.isBarredAt(now) ? Verdict.BARRED_NOW : Verdict.FINE;
                            return after;
                        });
        return verdict[0];
    }

    /** The bar of a device, if it is barred. */
    Optional<Bar> find(String principal) {
        long now = ticker.read();
        return Optional.ofNullable(byPrincipal.getIfPresent(principal))
                .filter(connects -> connects.isBarredAt(now))
                .map(connects -> bar(principal, connects, now));
    }

    private static Bar bar(String principal, Connects connects, long nowNanos) {
        return new Bar(
                Guard.RATE,
                Optional.of(principal),
                Optional.empty(),
                connects.count(),
                connects.remaining(nowNanos));
    }

    /** Shows {@code visitor} the devices that are barred now. */
    void eachBar(PresentBars.Visitor visitor) {
        long now = ticker.read();
        byPrincipal
                .asMap()
                .forEach(
                        (principal, connects) -> {
                            if (connects.isBarredAt(now)) {
                                visitor.visit(
                                        bar(principal, connects, now),
                                        () -> byPrincipal.invalidate(principal));
                            }
                        });
    }

    /** How many devices are remembered, barred or not. */
    long size() {
        byPrincipal.cleanUp();
        return byPrincipal.estimatedSize();
    }

    /**
     * When a device connected of late, and until when it is barred for it. Immutable; times are
     * those of a ticker, in nanoseconds.
     */
    private static final class Connects {

        /** Those of a device that has not connected yet. */
        static final Connects NONE = new Connects(new long[0], false, 0);

        /** In order. */
        private final long[] times;

        private final boolean barred;
        private final long untilNanos;

        private Connects(long[] times, boolean barred, long untilNanos) {
            this.times = times;
            this.barred = barred;
            this.untilNanos = untilNanos;
        }

        /** One more; if that is more than the rate allows, a bar begins. */
        Connects with(long nowNanos, ConnectRate rate) {
            int over = 0;
            while (over < times.length && nowNanos - times[over] >= rate.within().toNanos()) {
                over++;
            }
            long[] counted = Arrays.copyOfRange(times, over, times.length + 1);
            counted[counted.length - 1] = nowNanos;
            return counted.length > rate.connects()
                    ? new Connects(counted, true, nowNanos + rate.barTime().toNanos())
                    : new Connects(counted, false, 0);
        }

        boolean isBarredAt(long nowNanos) {
            return barred && untilNanos - nowNanos > 0;
        }

        int count() {
            return times.length;
        }

        Duration remaining(long nowNanos) {
            return Duration.ofNanos(untilNanos - nowNanos);
        }
    }
}
