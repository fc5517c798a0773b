package io.muster.hub.api.enos;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers the signatures of calls that change something, for as long as their timestamps are
 * good, so that none of them is done twice. Bounded, for each key and for all: if there is no room,
 * calls are refused rather than forgotten. Shared, never blocks.
 */
final class SeenSignatures {

    /** Of one key, so that none takes the room of all others: some 30 calls a second. */
    static final int OF_KEY_MAX = 20_000;

    private static final int SIGNATURES_MAX = 200_000;

    private final Cache<Seen, Boolean> seen;
    private final Map<String, Integer> ofKeys = new ConcurrentHashMap<>();

    private record Seen(String keyId, String signature) {}

    /** Remembers for {@code window}. */
    SeenSignatures(Duration window, Ticker ticker) {
        this.seen =
                Caffeine.newBuilder()
                        .expireAfterWrite(window)
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .<Seen, Boolean>evictionListener(
                                (gone, value, cause) -> {
                                    if (gone != null) {
                                        ofKeys.computeIfPresent(
                                                gone.keyId(),
                                                (id, count) -> count == 1 ? null : count - 1);
                                    }
                                })
                        .build();
    }

    /** Whether there is room for one more of this key. */
    boolean hasRoom(String keyId) {
        if (isRoom(keyId)) {
            return true;
        }
        seen.cleanUp();
        return isRoom(keyId);
    }

    private boolean isRoom(String keyId) {
        return ofKeys.getOrDefault(keyId, 0) < OF_KEY_MAX && seen.estimatedSize() < SIGNATURES_MAX;
    }

    /** Whether this signature of a key comes for the first time. */
    boolean isFirst(String keyId, String signature) {
        boolean first = seen.asMap().putIfAbsent(new Seen(keyId, signature), true) == null;
        if (first) {
            ofKeys.merge(keyId, 1, Integer::sum);
        }
        return first;
    }
}
