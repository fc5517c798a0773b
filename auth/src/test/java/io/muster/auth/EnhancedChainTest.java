package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import io.muster.auth.spi.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Enhanced authentication through the chain. */
class EnhancedChainTest {

    private static final Credentials CREDENTIALS = Presented.nothing("pk1/dev1");
    private static final AuthResult ACCEPT =
            AuthResult.accept(new Identity("app:first", "", BuiltInRole.permissions(), Map.of()));
    private static final Step GO_ON = new Step.Continue(new byte[] {1});
    private static final Optional<byte[]> LAST = Optional.of(new byte[] {7});

    private final ManualScheduler scheduler = new ManualScheduler();
    private final CapturedLog log = new CapturedLog(SignInWatch.class);
    private final List<String> asked = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void stopCapturing() {
        log.close();
    }

    @Test
    void theFirstThatKnowsTheMethodTakesTheExchange() {
        AuthenticatorChain chain =
                chain(
                        new NamedAuthenticator("plain", new PlainOnly()),
                        knowing("a", "OTHER", List.of(done(ACCEPT))),
                        knowing(
                                "b",
                                "M",
                                List.of(CompletableFuture.completedFuture(GO_ON), done(ACCEPT))),
                        knowing("c", "M", List.of(done(ACCEPT))));

        Exchange exchange = chain.begin("M", CREDENTIALS).orElseThrow();

        assertThat(step(exchange)).isSameAs(GO_ON);
        assertThat(told).isEmpty();
        assertThat(result(step(exchange))).isInstanceOf(AuthResult.Accept.class);
        assertThat(asked).containsExactly("a", "b");
        assertThat(told).containsExactly("b:Accept");
    }

    @Test
    void aMethodThatNobodyKnowsIsToldAndRefused() {
        AuthenticatorChain chain = chain(knowing("a", "M", List.of(done(ACCEPT))));

        assertThat(chain.begin("m", CREDENTIALS)).isEmpty();
        assertThat(told).containsExactly("end-of-chain:BAD_CREDENTIALS");
    }

    @Test
    void theAcceptedStaysOutOfTheSessionsOfDevices() {
        Exchange exchange = exchange(done(ACCEPT));

        assertThat(Presented.identity(result(step(exchange))).clientIdentifier())
                .isEqualTo("app:first:pk1/dev1");
    }

    @Test
    void theLastDataReachTheAcceptedOnly() {
        AuthResult deny = AuthResult.deny(DenyReason.NOT_AUTHORIZED, "not today");

        assertThat(data(step(exchange(done(ACCEPT))))).contains(new byte[] {7});
        assertThat(data(step(exchange(done(deny))))).isEmpty();
        assertThat(told).containsExactly("x:Accept", "x:NOT_AUTHORIZED");
    }

    @Test
    void whatCannotBeginRefusesAndNobodyElseIsAsked() {
        EnhancedAuthenticator broken =
                new Knowing("broken", "M", List.of()) {
                    @Override
                    public Optional<Exchange> begin(String method, Credentials credentials) {
                        throw new NoClassDefFoundError("com/example/Client");
                    }
                };
        AuthenticatorChain chain =
                chain(
                        new NamedAuthenticator("broken", broken),
                        knowing("b", "M", List.of(done(ACCEPT))));

        assertThat(reason(chain.begin("M", CREDENTIALS).orElseThrow()))
                .isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(asked).isEmpty();
        assertThat(told).containsExactly("broken:UNAVAILABLE");
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in may be compiled without null checks
    void whatBeginsWithNullRefuses() {
        EnhancedAuthenticator broken =
                new Knowing("broken", "M", List.of()) {
                    @Override
                    public Optional<Exchange> begin(String method, Credentials credentials) {
                        return null;
                    }
                };

        assertThat(reason(begun(chain(new NamedAuthenticator("broken", broken)))))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in may be compiled without null checks
    void aStepThatThrowsFailsOrIsNullRefuses() {
        Exchange throwing =
                begun(
                        chain(
                                new NamedAuthenticator(
                                        "x",
                                        new Knowing("x", "M", List.of()) {
                                            @Override
                                            CompletionStage<Step> step(int number) {
                                                throw new IllegalStateException("hunter2");
                                            }
                                        })));

        assertThat(reason(throwing)).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(reason(exchange(CompletableFuture.failedFuture(new IllegalStateException()))))
                .isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(reason(exchange(CompletableFuture.completedFuture(null))))
                .isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(reason(exchange((CompletableFuture<Step>) null)))
                .isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).hasSize(4).containsOnly("x:UNAVAILABLE");
        assertThat(log.lines()).filteredOn(line -> line.contains(" error=")).hasSize(4);
        assertThat(log.lines()).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void anEndThatIsNoAnswerRefuses() {
        assertThat(reason(exchange(done(AuthResult.abstain())))).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).containsExactly("x:UNAVAILABLE");
    }

    @Test
    void eachStepHasTheWholeDeadlineAndALateOneRefuses() {
        CompletableFuture<Step> first = new CompletableFuture<>();
        CompletableFuture<Step> second = new CompletableFuture<>();
        Exchange exchange = exchange(List.of(first, second));

        CompletableFuture<Step> one = exchange.next(Optional.empty()).toCompletableFuture();
        scheduler.advance(4, TimeUnit.SECONDS);
        first.complete(GO_ON);
        CompletableFuture<Step> two = exchange.next(Optional.empty()).toCompletableFuture();
        scheduler.advance(4, TimeUnit.SECONDS);

        assertThat(one.join()).isSameAs(GO_ON);
        assertThat(two).isNotDone();
        scheduler.advance(1, TimeUnit.SECONDS);
        second.complete(new Step.Finished(ACCEPT, LAST));
        assertThat(Presented.reason(result(two.join()))).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).containsExactly("x:UNAVAILABLE");
        assertThat(log.lines())
                .containsExactly("authenticator late authenticator=x deadlineMillis=5000");
        assertThat(scheduler.armed()).isZero();
    }

    @Test
    void aStepWhoseDeadlineCannotBeWatchedRefuses() {
        scheduler.shutdown();

        assertThat(reason(exchange(new CompletableFuture<>()))).isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void anAbandonedExchangeIsClosedEvenIfThatFails() {
        List<String> closed = new ArrayList<>();
        EnhancedAuthenticator authenticator =
                new Knowing("x", "M", List.of()) {
                    @Override
                    public Optional<Exchange> begin(String method, Credentials credentials) {
                        return Optional.of(
                                new Exchange() {
                                    @Override
                                    public CompletionStage<Step> next(Optional<byte[]> data) {
                                        return done(ACCEPT);
                                    }

                                    @Override
                                    public void close() {
                                        closed.add(method);
                                        throw new IllegalStateException("no");
                                    }
                                });
                    }
                };

        begun(chain(new NamedAuthenticator("x", authenticator))).close();

        assertThat(closed).containsExactly("M");
        assertThat(log.lines()).containsExactly("authenticator not closed authenticator=x");
    }

    @Test
    void theClaimedNameIsThatOfTheExchangeAndNoneIfItCannotSay() {
        Exchange unable =
                claiming(
                        () -> {
                            throw new IllegalStateException("no");
                        });

        assertThat(claiming(() -> Optional.of("name")).claimedName(Optional.empty()))
                .contains("name");
        assertThat(unable.claimedName(Optional.empty())).isEmpty();
        assertThat(log.lines())
                .containsExactly(
                        "authenticator failed authenticator=x error=java.lang.IllegalStateException");
    }

    private Exchange claiming(Supplier<Optional<String>> name) {
        EnhancedAuthenticator authenticator =
                new Knowing("x", "M", List.of()) {
                    @Override
                    public Optional<Exchange> begin(String method, Credentials credentials) {
                        return Optional.of(new Claiming(name));
                    }
                };
        DenyRules denying =
                new DenyRules(
                        chain(new NamedAuthenticator("x", authenticator)), List.of(), List.of());
        return denying.begin("M", CREDENTIALS).orElseThrow();
    }

    /** Says who the client claims to be, or fails to. */
    private record Claiming(Supplier<Optional<String>> name) implements Exchange {

        @Override
        public Optional<String> claimedName(Optional<byte[]> data) {
            return name.get();
        }

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            return done(ACCEPT);
        }
    }

    private Exchange exchange(CompletableFuture<Step> step) {
        return exchange(Collections.singletonList(step));
    }

    private Exchange exchange(List<CompletableFuture<Step>> steps) {
        return begun(chain(knowing("x", "M", steps)));
    }

    private static Exchange begun(AuthenticatorChain chain) {
        return chain.begin("M", CREDENTIALS).orElseThrow();
    }

    private static CompletableFuture<Step> done(AuthResult result) {
        return CompletableFuture.completedFuture(new Step.Finished(result, LAST));
    }

    private static Step step(Exchange exchange) {
        return exchange.next(Optional.empty()).toCompletableFuture().getNow(GO_ON);
    }

    private static AuthResult result(Step step) {
        return ((Step.Finished) step).result();
    }

    private static Optional<byte[]> data(Step step) {
        return ((Step.Finished) step).data();
    }

    private static DenyReason reason(Exchange exchange) {
        return Presented.reason(result(step(exchange)));
    }

    private NamedAuthenticator knowing(
            String name, String method, List<CompletableFuture<Step>> steps) {
        return new NamedAuthenticator(name, new Knowing(name, method, steps));
    }

    private AuthenticatorChain chain(NamedAuthenticator... links) {
        return new AuthenticatorChain(
                List.of(links),
                Duration.ofSeconds(5),
                scheduler,
                (name, result) ->
                        told.add(
                                name
                                        + ":"
                                        + (result instanceof AuthResult.Deny deny
                                                ? deny.reason().name()
                                                : "Accept")));
    }

    private static final class PlainOnly implements Authenticator {

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            throw new AssertionError("an exchange never asks for a plain sign-in");
        }
    }

    /** Knows one method, and answers its steps as given. */
    private class Knowing implements EnhancedAuthenticator {

        private final String name;
        private final String known;
        private final List<CompletableFuture<Step>> steps;

        Knowing(String name, String known, List<CompletableFuture<Step>> steps) {
            this.name = name;
            this.known = known;
            this.steps = steps;
        }

        @Override
        public CompletionStage<AuthResult> authenticate(Credentials credentials) {
            throw new AssertionError("an exchange never asks for a plain sign-in");
        }

        @Override
        public Optional<Exchange> begin(String method, Credentials credentials) {
            asked.add(name);
            if (!method.equals(known)) {
                return Optional.empty();
            }
            return Optional.of(
                    new Exchange() {
                        private int taken;

                        @Override
                        public CompletionStage<Step> next(Optional<byte[]> data) {
                            return step(taken++);
                        }
                    });
        }

        CompletionStage<Step> step(int number) {
            return steps.get(number);
        }
    }
}
