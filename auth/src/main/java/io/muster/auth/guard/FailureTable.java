package io.muster.auth.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The failures of many, by what they have in common. Shared by all threads; never blocks.
 *
 * <p>It is bounded. When it is full, Caffeine keeps what was asked for more often of late: who is
 * barred and tries on stays in, and those who came once make room. Whoever does not fail for a
 * window and the longest bar is forgotten.
 */
final class FailureTable<K> {

    private static final int DOUBLINGS_MAX = 30;

    private final GuardSettings settings;
    private final Ticker ticker;
    private final Cache<K, Failures> failures;

    FailureTable(GuardSettings settings, Ticker ticker) {
        this.settings = settings;
        this.ticker = ticker;
        this.failures =
                Caffeine.newBuilder()
                        .maximumSize(settings.entriesMax())
                        .expireAfterWrite(settings.window().plus(settings.longestBar()))
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .build();
    }

    /** Why {@code key} is barred now; null if it is not. */
    @Nullable Failures barred(K key) {
        @Nullable Failures found = failures.getIfPresent(key);
        return found != null && found.isBarredAt(ticker.read()) ? found : null;
    }

    /**
     * Counts a failure of {@code key}.
     *
     * @param limit from which failure on it is barred; 0 is never
     * @param proven whether it had proven who it is
     * @return what is known of it now
     */
    Failures failed(K key, int limit, boolean proven) {
        long now = ticker.read();
        return failures.asMap()
                .compute(
                        key,
                        (same, before) -> {
                            Failures after =
                                    before == null || before.isOver(now, settings.window())
                                            ? Failures.first(now, proven)
                                            : before.more(proven);
                            // What was under way when a bar began does not make it longer.
                            boolean bars =
                                    limit > 0 && after.count() >= limit && !after.isBarredAt(now);
                            return bars ? after.barred(now, barAfter(after.bars())) : after;
                        });
    }

    private Duration barAfter(int bars) {
        Duration longest = settings.longestBar();
        Duration doubled = settings.firstBar();
        for (int i = 0; i < Math.min(bars, DOUBLINGS_MAX) && doubled.compareTo(longest) < 0; i++) {
            doubled = doubled.multipliedBy(2);
        }
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }

    void forget(K key) {
        failures.invalidate(key);
    }

    /** Shows {@code visitor} all that are barred now. Walks through the whole table. */
    void eachBarred(BiConsumer<K, Failures> visitor) {
        long now = ticker.read();
        failures.asMap()
                .forEach(
                        (key, found) -> {
                            if (found.isBarredAt(now)) {
                                visitor.accept(key, found);
                            }
                        });
    }

    /** How many are remembered, barred or not. */
    long size() {
        failures.cleanUp();
        return failures.estimatedSize();
    }
}
