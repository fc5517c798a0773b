package io.muster.broker.fuzz;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.broker.BrokerFixture;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lets everybody in; who comes with the method {@value #METHOD} after two questions, and a data of
 * none is no answer. Without state, so it may be shared.
 */
final class PatientAuthenticator implements EnhancedAuthenticator {

    static final String METHOD = "PATIENCE";

    private static final int QUESTIONS = 2;

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        return CompletableFuture.completedFuture(AuthResult.accept(BrokerFixture.anybody()));
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        return method.equals(METHOD) ? Optional.of(new Questions()) : Optional.empty();
    }

    /** The questions to one client, one after the other. */
    private static final class Questions implements Exchange {
        private int answered;

        @Override
        public CompletionStage<Step> next(Optional<byte[]> data) {
            answered += data.isPresent() ? 1 : 0;
            // Completed by another thread, as that of a database would be.
            return CompletableFuture.supplyAsync(this::step);
        }

        private Step step() {
            return answered < QUESTIONS
                    ? new Step.Continue(new byte[] {'?'})
                    : new Step.Finished(
                            AuthResult.accept(BrokerFixture.anybody()), Optional.empty());
        }
    }
}
