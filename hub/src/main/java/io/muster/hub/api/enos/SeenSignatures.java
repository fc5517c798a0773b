package io.muster.hub.api.enos;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Remembers the signatures of calls that change something, for as long as their timestamps are
 * good, so that none of them is done twice. Bounded: if there is no room, calls are refused rather
 * than forgotten. Shared, never blocks.
 */
final class SeenSignatures {

    private static final int SIGNATURES_MAX = 200_000;

    private final Cache<String, Boolean> seen;

    /** Remembers for {@code window}. */
    SeenSignatures(Duration window, Ticker ticker) {
        this.seen =
                Caffeine.newBuilder()
                        .expireAfterWrite(window)
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .build();
    }

    /** Whether there is room for one more. */
    boolean hasRoom() {
        if (seen.estimatedSize() < SIGNATURES_MAX) {
            return true;
        }
        seen.cleanUp();
        return seen.estimatedSize() < SIGNATURES_MAX;
    }

    /** Whether this signature comes for the first time. */
    boolean isFirst(String signature) {
        return seen.asMap().putIfAbsent(signature, true) == null;
    }
}
