package io.muster.auth.guard;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An exchange that is not begun for who is barred, and whose end is counted. The name is known only
 * with what the client sends first. An exchange that the client gives up counts as nothing: it has
 * told him nothing. Belongs to one client; its steps follow one another.
 */
final class GuardedExchange implements Exchange {

    private final SignInGuard guard;
    private final Exchange exchange;
    private final Credentials credentials;
    private SignInGuard.@Nullable Attempt attempt;

    GuardedExchange(SignInGuard guard, Exchange exchange, Credentials credentials) {
        this.guard = guard;
        this.exchange = exchange;
        this.credentials = credentials;
    }

    @Override
    public CompletionStage<Step> next(Optional<byte[]> data) {
        SignInGuard.Attempt known = attempt;
        if (known != null) {
            return follow(known, data);
        }
        Optional<String> name = exchange.claimedName(data).or(credentials::username);
        SignInGuard.Attempt begun = guard.attempt(credentials, name);
        attempt = begun;
        @Nullable AuthResult refusal = begun.refusal(false);
        return refusal == null
                ? follow(begun, data)
                : CompletableFuture.completedFuture(new Step.Finished(refusal, Optional.empty()));
    }

    private CompletionStage<Step> follow(SignInGuard.Attempt known, Optional<byte[]> data) {
        return exchange.next(data).thenApply(step -> counted(known, step));
    }

    private static Step counted(SignInGuard.Attempt known, Step step) {
        if (!(step instanceof Step.Finished finished)) {
            return step;
        }
        AuthResult result = known.concluded(finished.result());
        return result == finished.result() // The same object: nothing was changed.
                ? step
                : new Step.Finished(result, Optional.empty());
    }

    @Override
    public void close() {
        exchange.close();
    }
}
