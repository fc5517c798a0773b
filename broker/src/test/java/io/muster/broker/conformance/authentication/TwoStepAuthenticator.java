package io.muster.broker.conformance.authentication;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.broker.BrokerFixture;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Knows one method, {@value #METHOD}. The client says who it is, is asked a question, and must
 * answer it with {@value #ANSWER}; the broker takes its leave with {@value #WELCOME}. A client
 * without a method is let in as it is. Without state, so it may be shared.
 */
final class TwoStepAuthenticator implements EnhancedAuthenticator {

    static final String METHOD = "TWO-STEP";
    static final String QUESTION = "six times seven?";
    static final String ANSWER = "42";
    static final String WELCOME = "welcome";

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return CompletableFuture.completedFuture(AuthResult.accept(BrokerFixture.anybody()));
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return method.equals(METHOD) ? Optional.of(new Challenge()) : Optional.empty();
    }

    /** The steps of one client, which come one after the other. */
    private static final class Challenge implements Exchange {
        private String name = "";

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            // Completed by another thread, as that of a database would be.
            String sent = data.map(bytes -> new String(bytes, UTF_8)).orElse("");
            return CompletableFuture.supplyAsync(() -> step(sent));
        }

        private Step step(String sent) {
            if (name.isEmpty() && !sent.isEmpty()) {
                name = sent;
                return new Step.Continue(QUESTION.getBytes(UTF_8));
            }
            if (sent.equals(ANSWER)) {
                AuthResult accepted = AuthResult.accept(BrokerFixture.principal("test:" + name));
                return new Step.Finished(accepted, Optional.of(WELCOME.getBytes(UTF_8)));
            }
            AuthResult denied = AuthResult.deny(DenyReason.BAD_CREDENTIALS, "wrong answer");
            return new Step.Finished(denied, Optional.empty());
        }
    }
}
