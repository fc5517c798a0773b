package io.muster.hub.api.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers the signatures of calls that change something, for as long as their timestamps are
 * good, so that none of them is judged twice: a call that is under way or has ended, done or
 * refused, is not begun again; one whose work was not begun may be. Bounded, for each key and for
 * all: if there is no room, calls are refused rather than forgotten. Shared, never blocks.
 */
public final class SeenSignatures {

    /** Of one key, so that none takes the room of all others: some 30 calls a second. */
    static final int OF_KEY_MAX = 20_000;

    /** Of all keys together. */
    static final int SIGNATURES_MAX = 200_000;

    private final Cache<Seen, State> seen;
    private final int ofKeyMax;
    private final Map<String, Integer> ofKeys = new ConcurrentHashMap<>();

    private record Seen(String keyId, String signature) {}

    /** How far a call is. */
    public enum State {
        /** It was not there, and is under way from now on. */
        BEGUN,
        /** It is under way already. */
        UNDER_WAY,
        /** Its work has ended: it is done, or was refused, or nobody knows. */
        ENDED,
        /** There is no room to remember it. */
        NO_ROOM
    }

    /** Remembers for {@code window}. */
    public SeenSignatures(Duration window, Ticker ticker) {
        this(window, ticker, OF_KEY_MAX);
    }

    /** The same, which remembers so many of one key. */
    SeenSignatures(Duration window, Ticker ticker, int ofKeyMax) {
        this.ofKeyMax = ofKeyMax;
        this.seen =
                Caffeine.newBuilder()
                        .expireAfterWrite(window)
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .<Seen, State>evictionListener(
                                (gone, value, cause) -> {
                                    if (gone != null) {
                                        countDown(gone.keyId());
                                    }
                                })
                        .build();
    }

    private void countDown(String keyId) {
        ofKeys.computeIfPresent(keyId, (id, count) -> count == 1 ? null : count - 1);
    }

    /**
     * A call begins, unless it did before. Whoever is told {@link State#BEGUN} must say how it
     * {@link #ended}.
     */
    public State begin(String keyId, String signature) {
        if (!hasRoom(keyId)) {
            return State.NO_ROOM;
        }
        State before = seen.asMap().putIfAbsent(new Seen(keyId, signature), State.UNDER_WAY);
        if (before != null) {
            return before;
        }
        ofKeys.merge(keyId, 1, Integer::sum);
        return State.BEGUN;
    }

    /**
     * A call has ended.
     *
     * @param begun whether its work was begun; if not, the call is forgotten
     */
    public void ended(String keyId, String signature, boolean begun) {
        Seen call = new Seen(keyId, signature);
        if (begun) {
            seen.asMap().replace(call, State.UNDER_WAY, State.ENDED);
        } else if (seen.asMap().remove(call, State.UNDER_WAY)) {
            countDown(keyId);
        }
    }

    private boolean hasRoom(String keyId) {
        if (isRoom(keyId)) {
            return true;
        }
        seen.cleanUp();
        return isRoom(keyId);
    }

    private boolean isRoom(String keyId) {
        return ofKeys.getOrDefault(keyId, 0) < ofKeyMax && seen.estimatedSize() < SIGNATURES_MAX;
    }
}
