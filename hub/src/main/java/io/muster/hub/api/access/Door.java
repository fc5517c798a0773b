package io.muster.hub.api.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.NoTopics;
import io.muster.auth.guard.GuardSettings;
import io.muster.auth.guard.SignInGuard;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.devices.Secret;
import io.muster.hub.api.access.Operators.Answer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what those cost who have not proven yet who they are. Shared; blocks while it judges.
 *
 * <p>Few of them are looked at at once, and fewer wait for a second, so that they never have all
 * threads of the HTTP server; whoever finds no place is told so. Who fails is kept out for some
 * time, as MQTT clients are, without anybody being asked. What was found right of late passes both:
 * it is judged anew, but whoever sends it is no stranger.
 */
final class Door {

    /** Well below the threads of the HTTP server, all kinds together. */
    enum Kind {
        /** Each is hashed for a tenth of a second. */
        PASSWORD(3),
        /** Each is one read of the registry. */
        KEY(4),
        /** Each is found in memory most often. */
        DEVICE(4);

        private final int atOnce;

        Kind(int atOnce) {
            this.atOnce = atOnce;
        }
    }

    /**
     * As for MQTT clients, but a bar ends sooner. It is for addresses, too, but for those who came
     * in from there before.
     */
    private static final GuardSettings GUARD =
            new GuardSettings(
                    5,
                    50,
                    20,
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(1),
                    10_000,
                    GuardSettings.ConnectRate.DEFAULT);

    /** No MQTT, but the guard wants one. */
    private static final int NO_PROTOCOL = 0;

    private static final String LISTENER = "management";

    /** What comes from this machine comes by a proxy or tunnel on it, which stands for many. */
    private static final String LOOPBACK = "management-loopback";

    private static final int RIGHT_MAX = 1_000;
    private static final Duration RIGHT_KEPT = Duration.ofHours(1);

    private final SignInGuard guard;
    private final Places passwords;
    private final Places keys;
    private final Places devices;

    /** Digests of what was right of late. */
    private final Cache<String, Boolean> right;

    private final byte[] salt = Secret.generate().reveal().getBytes(StandardCharsets.UTF_8);

    /**
     * A door.
     *
     * @param ticker measures how long somebody is barred
     * @param patience the longest that somebody waits for a place
     */
    Door(Ticker ticker, Duration patience) {
        this.passwords = new Places(Kind.PASSWORD.atOnce, patience);
        this.keys = new Places(Kind.KEY.atOnce, patience);
        this.devices = new Places(Kind.DEVICE.atOnce, patience);
        this.guard =
                new SignInGuard(
                        new NobodyElse(),
                        GUARD,
                        address -> false,
                        Set.of(LOOPBACK),
                        ticker,
                        (authenticator, result) -> {});
        this.right =
                Caffeine.newBuilder()
                        .maximumSize(RIGHT_MAX)
                        .expireAfterAccess(RIGHT_KEPT)
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .build();
    }

    /**
     * What {@code judge} says of somebody, if he is looked at.
     *
     * @param name who he says that he is, as the audit log calls him
     * @param proof what he sent, if he is known by it when he sends it again
     */
    Answer judge(
            Kind kind,
            String name,
            Optional<String> proof,
            InetSocketAddress from,
            Supplier<Answer> judge) {
        Optional<String> digest = proof.map(this::digest);
        if (digest.filter(each -> right.getIfPresent(each) != null).isPresent()) {
            Answer answer = judge.get();
            // Not if nobody could find out: then he still is no stranger.
            if (answer instanceof Answer.Refused refused && !refused.isNotFoundOut()) {
                right.invalidate(digest.get());
            }
            return answer;
        }
        Places places = places(kind);
        if (!places.take()) {
            return new Answer.Refused(
                    name,
                    DenyReason.UNAVAILABLE,
                    "too many are being asked who they are; try again later",
                    "too many at once");
        }
        try {
            Answer answer = guarded(name, from, judge);
            if (!(answer instanceof Answer.Refused)) {
                digest.ifPresent(each -> right.put(each, true));
            }
            return answer;
        } finally {
            places.leave();
        }
    }

    private Places places(Kind kind) {
        return switch (kind) {
            case PASSWORD -> passwords;
            case KEY -> keys;
            case DEVICE -> devices;
        };
    }

    private Answer guarded(String name, InetSocketAddress from, Supplier<Answer> judge) {
        Judged judged = new Judged(name, judge);
        AuthResult result =
                guard.authenticate(credentials(name, from), false, judged)
                        .toCompletableFuture()
                        .join();
        @Nullable Answer answer = judged.answer;
        if (answer != null) {
            return answer;
        }
        return new Answer.Refused(
                name,
                DenyReason.BANNED,
                "too many wrong passwords or keys; wait a minute",
                result instanceof AuthResult.Deny deny ? deny.detail() : "barred");
    }

    private static Credentials credentials(String name, InetSocketAddress from) {
        @Nullable InetAddress address = from.getAddress();
        boolean loopback = address != null && address.isLoopbackAddress();
        return new Credentials(
                "",
                Optional.of(name),
                Optional.empty(),
                List.of(),
                from,
                NO_PROTOCOL,
                loopback ? LOOPBACK : LISTENER);
    }

    private String digest(String proof) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return HexFormat.of().formatHex(digest.digest(proof.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }

    /** For so many at once. Shared. */
    private static final class Places {

        private static final int WAITING_MAX = 2;

        /** Who comes first gets the next one: others cannot overtake him by trying often. */
        private final Semaphore free;

        private final Semaphore waiting = new Semaphore(WAITING_MAX);
        private final Duration patience;

        Places(int atOnce, Duration patience) {
            this.free = new Semaphore(atOnce, true);
            this.patience = patience;
        }

        /** Whether one was found; blocks no longer than the patience. */
        boolean take() {
            try {
                return free.tryAcquire(0, TimeUnit.MILLISECONDS) || takeLater();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private boolean takeLater() throws InterruptedException {
            if (!waiting.tryAcquire()) {
                return false;
            }
            try {
                return free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                waiting.release();
            }
        }

        void leave() {
            free.release();
        }
    }

    /** Puts an answer into the words of the guard. Confined to one request. */
    private static final class Judged implements Supplier<CompletionStage<AuthResult>> {

        private final String name;
        private final Supplier<Answer> judge;
        private @Nullable Answer answer;

        Judged(String name, Supplier<Answer> judge) {
            this.name = name;
            this.judge = judge;
        }

        @Override
        public CompletionStage<AuthResult> get() {
            Answer judged = judge.get();
            answer = judged;
            AuthResult result =
                    judged instanceof Answer.Refused refused
                            ? AuthResult.deny(refused.reason(), refused.why())
                            : AuthResult.accept(
                                    new Identity(name, "", NoTopics.INSTANCE, Map.of()));
            return CompletableFuture.completedFuture(result);
        }
    }

    /** The guard is only asked about those whom this class judges. */
    private static final class NobodyElse implements EnhancedAuthenticator {

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            return CompletableFuture.completedFuture(
                    AuthResult.deny(DenyReason.BAD_CREDENTIALS, "nobody signs in so"));
        }

        @Override
        public Optional<Exchange> begin(String method, Credentials credentials) {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }
}
