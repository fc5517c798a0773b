package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.EnhancedAuthenticator.Exchange;
import io.muster.auth.spi.EnhancedAuthenticator.Step;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of one authenticator of the chain, under the rules of the chain: a step that throws,
 * fails, is null or late, and an end that is abstain, refuse the client. Each step has the whole
 * deadline. Belongs to one client; its steps follow one another.
 */
final class WatchedExchange implements Exchange {

    private final SignInWatch watch;
    private final String authenticator;
    private final Exchange exchange;
    private final String sentClientIdentifier;

    WatchedExchange(
            SignInWatch watch,
            String authenticator,
            Exchange exchange,
            String sentClientIdentifier) {
        this.watch = watch;
        this.authenticator = authenticator;
        this.exchange = exchange;
        this.sentClientIdentifier = sentClientIdentifier;
    }

    /** An exchange that could not be begun: its first step refuses. */
    static Exchange failed(
            SignInWatch watch,
            String authenticator,
            Throwable failure,
            String sentClientIdentifier) {
        return data ->
                CompletableFuture.completedFuture(
                        refusal(
                                watch.decide(
                                        authenticator,
                                        watch.failed(authenticator, failure),
                                        sentClientIdentifier)));
    }

    /** Without a name if asking for it fails: the step will fail too, or refuse the client. */
    @Override
    public Optional<String> claimedName(Optional<byte[]> data) {
        try {
            return Objects.requireNonNull(exchange.claimedName(data), "claimed name");
        } catch (RuntimeException e) {
            watch.noteNoName(authenticator, e);
            return Optional.empty();
        }
    }

    @Override
    public CompletionStage<Step> next(Optional<byte[]> data) {
        CompletableFuture<@Nullable Step> answer = ask(data);
        if (answer.isDone()) {
            return answer.handle(this::concluded);
        }
        CompletableFuture<Step> decision = new CompletableFuture<>();
        AtomicBoolean decided = new AtomicBoolean();
        ScheduledFuture<?> timer = watch.start(() -> expire(decided, decision));
        if (timer == null) {
            return CompletableFuture.completedFuture(refusal(decide(SignInWatch.UNWATCHED)));
        }
        var unused =
                answer.whenComplete(
                        (step, failure) -> {
                            if (decided.compareAndSet(false, true)) {
                                timer.cancel(false);
                                decision.complete(concluded(step, failure));
                            }
                        });
        return decision;
    }

    private CompletableFuture<@Nullable Step> ask(Optional<byte[]> data) {
        try {
            @Nullable CompletionStage<Step> stage = exchange.next(data);
            if (stage != null) {
                return stage.toCompletableFuture();
            }
            return CompletableFuture.completedFuture(null);
        } catch (Throwable e) { // a plug-in whose classes are missing throws an Error
            return CompletableFuture.failedFuture(e);
        }
    }

    private void expire(AtomicBoolean decided, CompletableFuture<Step> decision) {
        if (decided.compareAndSet(false, true)) {
            watch.noteLate(authenticator);
            decision.complete(refusal(decide(watch.late())));
        }
    }

    private Step concluded(@Nullable Step step, @Nullable Throwable failure) {
        if (failure == null && step instanceof Step.Continue) {
            return step;
        }
        if (failure == null
                && step instanceof Step.Finished finished
                && !(finished.result() instanceof AuthResult.Abstain)) {
            AuthResult safe = decide(finished.result());
            return safe instanceof AuthResult.Accept
                    ? new Step.Finished(safe, finished.data())
                    : refusal(safe);
        }
        return refusal(decide(watch.failed(authenticator, failure)));
    }

    private AuthResult decide(AuthResult result) {
        return watch.decide(authenticator, result, sentClientIdentifier);
    }

    private static Step refusal(AuthResult result) {
        return new Step.Finished(result, Optional.empty());
    }

    @Override
    public void close() {
        try {
            exchange.close();
        } catch (RuntimeException e) {
            watch.noteNotClosed(authenticator, e);
        }
    }
}
