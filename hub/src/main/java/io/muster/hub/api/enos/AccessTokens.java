package io.muster.hub.api.enos;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * The tokens that were given out: one for each key, which is given again while it is good, as EnOS
 * does. In memory only, bounded; a token proves nothing without signatures. Shared, never blocks.
 */
final class AccessTokens {

    /** How long a token is good. */
    static final Duration LIFETIME = Duration.ofHours(2);

    private static final int TOKENS_MAX = 10_000;
    private static final int TOKEN_BYTES = 24;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Ticker ticker;
    private final Cache<String, Token> byKey;
    private final Cache<String, String> keys;

    /**
     * A token.
     *
     * @param text what is sent
     * @param sinceNanos when it was made
     */
    private record Token(String text, long sinceNanos) {}

    /**
     * What is given out.
     *
     * @param text what is sent
     * @param left how long it is good
     */
    record Given(String text, Duration left) {}

    AccessTokens(Ticker ticker) {
        this.ticker = ticker;
        this.byKey = cache(ticker);
        this.keys = cache(ticker);
    }

    private static <V> Cache<String, V> cache(Ticker ticker) {
        return Caffeine.newBuilder()
                .maximumSize(TOKENS_MAX)
                .expireAfterWrite(LIFETIME)
                .ticker(ticker)
                .executor(Runnable::run)
                .build();
    }

    /** The token of a key. */
    Given give(String keyId) {
        Token token =
                byKey.get(
                        keyId,
                        id -> {
                            byte[] random = new byte[TOKEN_BYTES];
                            RANDOM.nextBytes(random);
                            String text =
                                    Base64.getUrlEncoder().withoutPadding().encodeToString(random);
                            return new Token(text, ticker.read());
                        });
        if (keys.getIfPresent(token.text()) == null) {
            keys.put(token.text(), keyId);
        }
        return new Given(
                token.text(), LIFETIME.minus(Duration.ofNanos(ticker.read() - token.sinceNanos())));
    }

    /** The key that a token was given to, if it is good. */
    Optional<String> keyOf(String token) {
        return Optional.ofNullable(keys.getIfPresent(token))
                .filter(
                        key -> {
                            Token present = byKey.getIfPresent(key);
                            return present != null && present.text().equals(token);
                        });
    }
}
