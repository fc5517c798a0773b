package io.muster.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DenyRulesTest {

    private static final Credentials CREDENTIALS = Presented.nothing("c");
    private static final Identity ANYBODY =
            new Identity("app:x", "session", BuiltInRole.permissions(), Map.of("kind", "k"));

    private final AtomicInteger closed = new AtomicInteger();
    private AuthResult answer = AuthResult.accept(ANYBODY);
    private final EnhancedAuthenticator authenticator =
            new EnhancedAuthenticator() {
                @Override
                public CompletionStage<AuthResult> authenticate(Credentials credentials) {
                    return CompletableFuture.completedFuture(answer);
                }

                @Override
                public Optional<Exchange> begin(String method, Credentials credentials) {
                    return method.equals("M") ? Optional.of(new OneChallenge()) : Optional.empty();
                }

                @Override
                public void close() {
                    closed.incrementAndGet();
                }
            };
    private final DenyRules rules =
            new DenyRules(authenticator, List.of("test/nosubscribe", "a/#"), List.of("b/+"));

    @Test
    void refusesASubscriptionThatARuleCovers() {
        TopicPermissions permissions = permissions();

        for (String filter :
                List.of("test/nosubscribe", "a", "a/b", "a/+", "a/#", "$share/g/a/b")) {
            assertThat(permissions.maySubscribe(filter)).as(filter).isFalse();
        }
    }

    @Test
    void leavesASubscriptionAloneThatIsWiderThanARule() {
        TopicPermissions permissions = permissions();

        for (String filter :
                List.of("#", "+/#", "test/#", "test/+", "+/b", "b/c", "$share/g/#", "$SYS/#")) {
            assertThat(permissions.maySubscribe(filter)).as(filter).isTrue();
        }
    }

    @Test
    void refusesToPublishWhatARuleMatches() {
        TopicPermissions permissions = permissions();

        assertThat(permissions.mayPublish("b/c")).isFalse();
        assertThat(permissions.mayPublish("b/c/d")).isTrue();
        assertThat(permissions.mayPublish("a/b")).isTrue();
        assertThat(permissions.mayPublish("test/nosubscribe")).isTrue();
    }

    @Test
    void givesNobodyMoreThanHeHas() {
        TopicPermissions permissions = permissions();

        assertThat(permissions.mayPublish("$SYS/x")).isFalse();
        assertThat(permissions.maySubscribe("$other/#")).isFalse();
    }

    @Test
    void leavesTheRestOfTheIdentityAndRefusalsAsTheyAre() {
        Identity identity = Presented.identity(Presented.answer(rules, CREDENTIALS));

        assertThat(identity.principal()).isEqualTo(ANYBODY.principal());
        assertThat(identity.clientIdentifier()).isEqualTo("session");
        assertThat(identity.attributes()).isEqualTo(ANYBODY.attributes());
        answer = AuthResult.deny(DenyReason.BANNED, "no");
        assertThat(Presented.answer(rules, CREDENTIALS)).isEqualTo(answer);
    }

    @Test
    void holdsForEnhancedAuthenticationToo() {
        EnhancedAuthenticator.Exchange exchange = rules.begin("M", CREDENTIALS).orElseThrow();

        assertThat(next(exchange)).isInstanceOf(EnhancedAuthenticator.Step.Continue.class);
        EnhancedAuthenticator.Step.Finished end =
                (EnhancedAuthenticator.Step.Finished) next(exchange);
        exchange.close();

        assertThat(Presented.identity(end.result()).permissions().maySubscribe("a/b")).isFalse();
        assertThat(end.data().orElseThrow()).containsExactly(2);
        assertThat(closed).hasValue(10);
        assertThat(rules.begin("other", CREDENTIALS)).isEmpty();
    }

    @Test
    void closesWhatItStandsInFrontOf() {
        rules.close();

        assertThat(closed).hasValue(1);
    }

    @Test
    void namesWhatIsNoTopicFilter() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DenyRules(authenticator, List.of("a#"), List.of()))
                .withMessageContaining("'a#'");
        assertThat(DenyRules.isRule("a/+/#")).isTrue();
        assertThat(DenyRules.isRule("a#")).isFalse();
        assertThat(DenyRules.isRule("")).isFalse();
        assertThat(DenyRules.isRule("$share/g/a")).isFalse();
    }

    private TopicPermissions permissions() {
        return Presented.identity(Presented.answer(rules, CREDENTIALS)).permissions();
    }

    private static EnhancedAuthenticator.Step next(EnhancedAuthenticator.Exchange exchange) {
        return exchange.next(Optional.empty()).toCompletableFuture().join();
    }

    private final class OneChallenge implements EnhancedAuthenticator.Exchange {

        private boolean challenged;

        @Override
        public CompletionStage<EnhancedAuthenticator.Step> next(Optional<byte[]> data) {
            EnhancedAuthenticator.Step step =
                    challenged
                            ? new EnhancedAuthenticator.Step.Finished(
                                    answer, Optional.of(new byte[] {2}))
                            : new EnhancedAuthenticator.Step.Continue(new byte[] {1});
            challenged = true;
            return CompletableFuture.completedFuture(step);
        }

        @Override
        public void close() {
            closed.addAndGet(10);
        }
    }
}
