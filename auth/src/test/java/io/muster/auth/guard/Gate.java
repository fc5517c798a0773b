package io.muster.auth.guard;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.SignInListener;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * A guard before an authenticator that knows {@code dev&pk}, {@code other&pk} and {@code app}, each
 * by the password "right"; time passes when a test says so.
 */
final class Gate implements Ticker, SignInListener {

    static final String HOME = "192.0.2.1";
    static final String ELSEWHERE = "198.51.100.9";
    static final String DEVICE = "dev&pk";

    private static final Set<String> KNOWN = Set.of(DEVICE, "other&pk", "app");
    private static final TopicPermissions NONE =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return false;
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return false;
                }
            };

    final Authenticator authenticator = new Authenticator();
    final List<String> decided = new ArrayList<>();
    final SignInGuard guard;

    private long nanos = -5; // A ticker may begin anywhere, and pass zero.

    Gate(GuardSettings settings) {
        this(settings, address -> false);
    }

    Gate(GuardSettings settings, Predicate<InetAddress> exempt) {
        this.guard = new SignInGuard(authenticator, settings, exempt, Set.of("open"), this, this);
    }

    static GuardSettings settings(int name, int everywhere, int address) {
        return new GuardSettings(
                name,
                everywhere,
                address,
                Duration.ofMinutes(5),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                1_000,
                GuardSettings.ConnectRate.DEFAULT);
    }

    static GuardSettings rate(boolean enabled) {
        return new GuardSettings(
                5,
                50,
                20,
                Duration.ofMinutes(5),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                1_000,
                new GuardSettings.ConnectRate(
                        enabled, 4, Duration.ofMinutes(2), Duration.ofMinutes(5)));
    }

    @Override
    public long read() {
        return nanos;
    }

    void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Override
    public void decided(String name, AuthResult result) {
        decided.add(name + " " + word(result));
    }

    static Credentials credentials(String name, String password, String address, String listener) {
        try {
            return new Credentials(
                    "client",
                    name.isEmpty() ? Optional.empty() : Optional.of(name),
                    Optional.of(password.getBytes(StandardCharsets.UTF_8)),
                    List.of(),
                    new InetSocketAddress(InetAddress.getByName(address), 50_000),
                    4,
                    listener);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** "accepted" or the reason of the refusal. */
    String signIn(String name, String password, String address) {
        return signIn(credentials(name, password, address, "mqtt"));
    }

    String signIn(Credentials credentials) {
        return word(guard.authenticate(credentials).toCompletableFuture().join());
    }

    void fail(int times, String name, String address) {
        for (int i = 0; i < times; i++) {
            signIn(name, "wrong" + i, address);
        }
    }

    /** So many names fail once each. */
    void failNames(int names, String address) {
        for (int i = 0; i < names; i++) {
            signIn("guess" + i, "wrong", address);
        }
    }

    static String word(AuthResult result) {
        return result instanceof AuthResult.Deny deny ? deny.reason().name() : "accepted";
    }

    List<String> barIds() {
        return guard.bars().list("", 1_000).stream().map(Bar::id).toList();
    }

    /**
     * Also knows the method "NAMED", whose first data is the name and whose second the password.
     */
    static final class Authenticator implements EnhancedAuthenticator {

        int asked;
        int begun;
        boolean closed;
        DenyReason refusal = DenyReason.BAD_CREDENTIALS;
        boolean refuseAll;
        boolean slow;
        final List<Runnable> answers = new ArrayList<>();

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            asked++;
            String password =
                    new String(credentials.password().orElse(new byte[0]), StandardCharsets.UTF_8);
            AuthResult result = judge(credentials.username().orElse(""), password);
            CompletableFuture<AuthResult> answer = new CompletableFuture<>();
            if (slow) {
                answers.add(() -> answer.complete(result));
            } else {
                answer.complete(result);
            }
            return answer;
        }

        private AuthResult judge(String name, String password) {
            boolean right = KNOWN.contains(name) && password.equals("right");
            if (!right || refuseAll) {
                return AuthResult.deny(refusal, "no");
            }
            Map<String, String> facts =
                    name.equals("app") ? Map.of() : Map.of("deviceKey", name, "productKey", "pk");
            return AuthResult.accept(new Identity("is:" + name, "", NONE, facts));
        }

        @Override
        public Optional<Exchange> begin(String method, Credentials credentials) {
            return method.equals("NAMED") ? Optional.of(new Named()) : Optional.empty();
        }

        @Override
        public void close() {
            closed = true;
        }

        private final class Named implements Exchange {

            private String name = "";

            @Override
            public Optional<String> claimedName(Optional<byte[]> data) {
                return data.map(Named::text);
            }

            @Override
            public CompletionStage<Step> next(Optional<byte[]> data) {
                String text = text(data.orElseThrow());
                if (name.isEmpty()) {
                    begun++;
                    name = text;
                    return CompletableFuture.completedFuture(new Step.Continue(new byte[0]));
                }
                return CompletableFuture.completedFuture(
                        new Step.Finished(judge(name, text), Optional.of(new byte[] {1})));
            }

            private static String text(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        }
    }
}
