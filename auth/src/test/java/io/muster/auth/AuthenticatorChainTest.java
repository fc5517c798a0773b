package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuthenticatorChainTest {

    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final Credentials CREDENTIALS = Presented.by("client-1", "user-1", "hunter2");
    private static final AuthResult ACCEPT = accept("app:first", "session-1");
    private static final AuthResult DENY = AuthResult.deny(DenyReason.NOT_AUTHORIZED, "not today");

    private final ManualScheduler scheduler = new ManualScheduler();
    private final CapturedLog log = new CapturedLog(SignInWatch.class);
    private final List<String> asked = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void stopCapturing() {
        log.close();
    }

    @Test
    void asksInTheConfiguredOrderAndTheFirstAnswerWins() {
        AuthenticatorChain chain =
                chain(
                        answering("a", AuthResult.abstain()),
                        answering("b", ACCEPT),
                        answering("c", DENY));

        assertThat(Presented.answer(chain, CREDENTIALS)).isEqualTo(ACCEPT);
        assertThat(asked).containsExactly("a", "b");
        assertThat(told).containsExactly("b:Accept");
    }

    @Test
    void aRefusalIsAnAnswerToo() {
        AuthenticatorChain chain = chain(answering("a", DENY), answering("b", ACCEPT));

        assertThat(Presented.answer(chain, CREDENTIALS)).isEqualTo(DENY);
        assertThat(asked).containsExactly("a");
        assertThat(told).containsExactly("a:NOT_AUTHORIZED");
    }

    @Test
    void theEndOfTheChainRefuses() {
        AuthenticatorChain chain =
                chain(answering("a", AuthResult.abstain()), answering("b", AuthResult.abstain()));

        assertThat(reason(chain)).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(told).containsExactly("end-of-chain:BAD_CREDENTIALS");
    }

    @Test
    void aThrownExceptionRefusesAndNobodyElseIsAsked() {
        AuthenticatorChain chain =
                chain(
                        named(
                                "broken",
                                credentials -> {
                                    throw new IllegalStateException("password hunter2 not parsed");
                                }),
                        answering("b", ACCEPT));

        assertThat(reason(chain)).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(asked).containsExactly("broken");
        assertThat(told).containsExactly("broken:UNAVAILABLE");
    }

    @Test
    void anErrorOfAPlugInWithMissingClassesRefuses() {
        AuthenticatorChain chain =
                chain(
                        named(
                                "broken",
                                credentials -> {
                                    throw new NoClassDefFoundError("com/example/Client");
                                }),
                        answering("b", ACCEPT));

        assertThat(reason(chain)).isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void aFailedStageRefuses() {
        AuthenticatorChain chain =
                chain(
                        staged(
                                "broken",
                                CompletableFuture.failedFuture(new IllegalStateException("no"))),
                        answering("b", ACCEPT));

        assertThat(reason(chain)).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).containsExactly("broken:UNAVAILABLE");
    }

    @Test
    void aStageThatFailsLaterRefuses() {
        CompletableFuture<AuthResult> stage = new CompletableFuture<>();
        AuthenticatorChain chain = chain(staged("broken", stage), answering("b", ACCEPT));
        CompletableFuture<AuthResult> result = start(chain);

        stage.completeExceptionally(new IllegalStateException("no"));

        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(asked).containsExactly("broken");
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in may be compiled without null checks
    void anAnswerOfNullRefuses() {
        assertThat(reason(chain(answering("broken", null), answering("b", ACCEPT))))
                .isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(reason(chain(staged("broken", null), answering("b", ACCEPT))))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in may be compiled without null checks
    void anAnswerOfNullThatComesLaterRefuses() {
        CompletableFuture<AuthResult> stage = new CompletableFuture<>();
        CompletableFuture<AuthResult> result =
                start(chain(staged("broken", stage), answering("b", ACCEPT)));

        stage.complete(null);

        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void aFailureIsLoggedWithTheAuthenticatorsNameAndNeverWithWhatTheExceptionSays() {
        Presented.answer(
                chain(
                        named(
                                "broken",
                                credentials -> {
                                    throw new IllegalStateException("hunter2\nis wrong");
                                })),
                CREDENTIALS);

        assertThat(log.lines())
                .first()
                .asString()
                .isEqualTo(
                        "authenticator failed authenticator=broken error=java.lang.IllegalStateException");
        assertThat(log.lines()).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void aPassedDeadlineRefusesAndIsLogged() {
        CompletableFuture<AuthResult> result =
                start(chain(staged("slow", new CompletableFuture<>()), answering("b", ACCEPT)));

        scheduler.advance(4_999, TimeUnit.MILLISECONDS);
        assertThat(result).isNotDone();
        scheduler.advance(1, TimeUnit.MILLISECONDS);

        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).containsExactly("slow:UNAVAILABLE");
        assertThat(log.lines())
                .containsExactly("authenticator late authenticator=slow deadlineMillis=5000");
    }

    @Test
    void oneDeadlineHoldsForAllAuthenticatorsTogether() {
        CompletableFuture<AuthResult> first = new CompletableFuture<>();
        CompletableFuture<AuthResult> result =
                start(chain(staged("a", first), staged("b", new CompletableFuture<>())));

        scheduler.advance(4, TimeUnit.SECONDS);
        first.complete(AuthResult.abstain());
        assertThat(scheduler.armed()).isOne();
        scheduler.advance(1, TimeUnit.SECONDS);

        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).containsExactly("b:UNAVAILABLE");
    }

    @Test
    void anAnswerAfterTheDeadlineChangesNothing() {
        CompletableFuture<AuthResult> slow = new CompletableFuture<>();
        CompletableFuture<AuthResult> result = start(chain(staged("slow", slow)));
        scheduler.advance(5, TimeUnit.SECONDS);

        slow.complete(ACCEPT);

        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).containsExactly("slow:UNAVAILABLE");
    }

    @Test
    void anAbstentionAfterTheDeadlineAsksNobodyElse() {
        CompletableFuture<AuthResult> slow = new CompletableFuture<>();
        CompletableFuture<AuthResult> result =
                start(chain(staged("slow", slow), answering("b", ACCEPT)));
        scheduler.advance(5, TimeUnit.SECONDS);

        slow.complete(AuthResult.abstain());

        assertThat(asked).containsExactly("slow");
        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.UNAVAILABLE);
        assertThat(told).hasSize(1);
    }

    @Test
    void anAnswerThatIsThereAtOnceNeedsNoTimer() {
        Presented.answer(chain(answering("a", ACCEPT)), CREDENTIALS);

        assertThat(scheduler.armed()).isZero();
    }

    @Test
    void anAnswerInTimeDisarmsTheTimer() {
        CompletableFuture<AuthResult> stage = new CompletableFuture<>();
        CompletableFuture<AuthResult> result = start(chain(staged("a", stage)));
        assertThat(scheduler.armed()).isOne();

        stage.complete(ACCEPT);

        assertThat(result).isCompletedWithValue(ACCEPT);
        assertThat(scheduler.armed()).isZero();
    }

    @Test
    void goesOnAfterAnAbstentionThatCameLater() {
        CompletableFuture<AuthResult> first = new CompletableFuture<>();
        CompletableFuture<AuthResult> third = new CompletableFuture<>();
        CompletableFuture<AuthResult> result =
                start(
                        chain(
                                staged("a", first),
                                answering("b", AuthResult.abstain()),
                                staged("c", third),
                                answering("d", DENY)));

        first.complete(AuthResult.abstain());
        assertThat(asked).containsExactly("a", "b", "c");
        third.complete(AuthResult.abstain());

        assertThat(result).isCompletedWithValue(DENY);
        assertThat(told).containsExactly("d:NOT_AUTHORIZED");
    }

    @Test
    void theEndOfTheChainRefusesAlsoWhenItIsReachedLater() {
        CompletableFuture<AuthResult> stage = new CompletableFuture<>();
        CompletableFuture<AuthResult> result = start(chain(staged("a", stage)));

        stage.complete(AuthResult.abstain());

        assertThat(Presented.reason(result.join())).isEqualTo(DenyReason.BAD_CREDENTIALS);
        assertThat(told).containsExactly("end-of-chain:BAD_CREDENTIALS");
    }

    @Test
    void refusesWhenNobodyCanWatchTheDeadline() {
        scheduler.shutdown();

        assertThat(reason(chain(staged("slow", new CompletableFuture<>()))))
                .isEqualTo(DenyReason.UNAVAILABLE);
    }

    @Test
    void aLongChainNeedsNoDeepStack() {
        CompletableFuture<AuthResult> first = new CompletableFuture<>();
        List<NamedAuthenticator> links = new ArrayList<>();
        links.add(staged("waiting", first));
        IntStream.range(0, 20_000)
                .forEach(i -> links.add(answering("link-" + i, AuthResult.abstain())));
        links.add(answering("last", ACCEPT));
        CompletableFuture<AuthResult> result = start(chain(links));

        first.complete(AuthResult.abstain());

        assertThat(result).isCompletedWithValue(ACCEPT);
    }

    @Test
    void aListenerThatThrowsDoesNotStopASignIn() {
        AuthenticatorChain chain =
                new AuthenticatorChain(
                        List.of(answering("a", ACCEPT)),
                        DEADLINE,
                        scheduler,
                        (name, result) -> {
                            throw new IllegalStateException("no metrics");
                        });

        assertThat(Presented.answer(chain, CREDENTIALS)).isEqualTo(ACCEPT);
    }

    @Test
    void anEmptyChainIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> chain())
                .withMessage("the authenticator chain is empty");
    }

    @Test
    void twoAuthenticatorsOfOneNameAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> chain(answering("a", ACCEPT), answering("a", DENY)))
                .withMessageContaining("'a'");
    }

    @Test
    void aDeadlineThatIsNotPositiveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new AuthenticatorChain(
                                        List.of(answering("a", ACCEPT)),
                                        Duration.ZERO,
                                        scheduler,
                                        this::tell))
                .withMessageContaining("deadline");
    }

    @Test
    void closesAllAuthenticatorsEvenIfOneFails() {
        List<String> closed = new ArrayList<>();
        chain(closing("a", closed, true), closing("b", closed, false)).close();

        assertThat(closed).containsExactly("a", "b");
    }

    @Test
    void aClientThatChoosesItsSessionCannotChooseThatOfADevice() {
        AuthenticatorChain chain = chain(answering("a", accept("app:billing", "")));

        assertThat(session(chain, "pk1/dev1")).isEqualTo("app:billing:pk1/dev1");
        assertThat(session(chain, "billing-1")).isEmpty();
        assertThat(Presented.reason(Presented.answer(chain, Presented.nothing("pk1/\u0001"))))
                .isEqualTo(DenyReason.BAD_CLIENT_IDENTIFIER);
    }

    @Test
    void aClientThatChoosesItsSessionCannotChooseThatOfADeviceLaterEither() {
        CompletableFuture<AuthResult> stage = new CompletableFuture<>();
        CompletableFuture<AuthResult> result =
                chain(staged("a", stage))
                        .authenticate(Presented.nothing("pk1/dev1"))
                        .toCompletableFuture();

        stage.complete(accept("app:billing", ""));

        assertThat(Presented.identity(result.join()).clientIdentifier())
                .isEqualTo("app:billing:pk1/dev1");
    }

    @Test
    void aSessionNamedByTheAuthenticatorStaysAsItIs() {
        AuthenticatorChain chain = chain(answering("a", accept("device:pk1/dev1", "pk1/dev1")));

        assertThat(session(chain, "dev1|securemode=2|/x")).isEqualTo("pk1/dev1");
    }

    private static String session(AuthenticatorChain chain, String clientIdentifier) {
        return Presented.identity(Presented.answer(chain, Presented.nothing(clientIdentifier)))
                .clientIdentifier();
    }

    private static AuthResult accept(String principal, String clientIdentifier) {
        return AuthResult.accept(
                new Identity(principal, clientIdentifier, BuiltInRole.permissions(), Map.of()));
    }

    private static DenyReason reason(AuthenticatorChain chain) {
        return Presented.reason(Presented.answer(chain, CREDENTIALS));
    }

    private static CompletableFuture<AuthResult> start(AuthenticatorChain chain) {
        return chain.authenticate(CREDENTIALS).toCompletableFuture();
    }

    private AuthenticatorChain chain(NamedAuthenticator... authenticators) {
        return chain(List.of(authenticators));
    }

    private AuthenticatorChain chain(List<NamedAuthenticator> authenticators) {
        return new AuthenticatorChain(authenticators, DEADLINE, scheduler, this::tell);
    }

    private void tell(String authenticator, AuthResult result) {
        String outcome =
                result instanceof AuthResult.Deny deny
                        ? deny.reason().name()
                        : result.getClass().getSimpleName();
        told.add(authenticator + ":" + outcome);
    }

    private NamedAuthenticator answering(String name, AuthResult result) {
        return staged(name, CompletableFuture.completedFuture(result));
    }

    private NamedAuthenticator staged(String name, CompletionStage<AuthResult> stage) {
        return named(name, credentials -> stage);
    }

    private NamedAuthenticator named(String name, Authenticator authenticator) {
        return new NamedAuthenticator(
                name,
                credentials -> {
                    asked.add(name);
                    return authenticator.authenticate(credentials);
                });
    }

    private static NamedAuthenticator closing(String name, List<String> closed, boolean fails) {
        return new NamedAuthenticator(
                name,
                new Authenticator() {
                    @Override
                    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
                        return CompletableFuture.completedFuture(AuthResult.abstain());
                    }

                    @Override
                    public void close() {
                        closed.add(name);
                        if (fails) {
                            throw new IllegalStateException("cannot");
                        }
                    }
                });
    }
}
