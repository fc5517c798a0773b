package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Several authenticators that answer as one; shared by all threads.
 *
 * <p>They are asked in order, and the first answer that is not abstain wins. Whatever goes wrong
 * refuses the client: an exception, a failed stage and an answer of null as well as a passed
 * deadline with {@link DenyReason#UNAVAILABLE}, the end of the chain with {@link
 * DenyReason#BAD_CREDENTIALS}. An answer that comes after the deadline changes nothing any more.
 *
 * <p>Answers that are there at once are taken in a loop on the calling thread; only the first one
 * that is not costs a timer and an object to wait with.
 */
public final class AuthenticatorChain implements EnhancedAuthenticator {

    private static final AuthResult NOBODY_ANSWERED =
            AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no authenticator knows these credentials");
    private static final AuthResult METHOD_UNKNOWN =
            AuthResult.deny(
                    DenyReason.BAD_CREDENTIALS, "no authenticator knows the authentication method");

    private final List<NamedAuthenticator> authenticators;
    private final SignInWatch watch;

    /**
     * A chain of {@code authenticators} in this order; they are closed with it.
     *
     * @param deadline how long all of them together may take for one sign-in, and each step of an
     *     exchange
     * @param scheduler watches the deadline; stays open. It should forget cancelled tasks at once,
     *     since most are cancelled
     * @param listener is told of each outcome
     * @throws IllegalArgumentException if there is no authenticator, two have the same name, or the
     *     deadline is not positive
     */
    public AuthenticatorChain(
            List<NamedAuthenticator> authenticators,
            Duration deadline,
            ScheduledExecutorService scheduler,
            SignInListener listener) {
        if (authenticators.isEmpty()) {
            throw new IllegalArgumentException("the authenticator chain is empty");
        }
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException(
                    "the deadline of the authenticator chain is " + deadline + ", not above zero");
        }
        Set<String> names = new HashSet<>();
        for (NamedAuthenticator named : authenticators) {
            if (!names.add(named.name())) {
                throw new IllegalArgumentException(
                        "two authenticators of the chain have the name '" + named.name() + "'");
            }
        }
        this.authenticators = List.copyOf(authenticators);
        this.watch = new SignInWatch(deadline, scheduler, listener);
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        for (int position = 0; position < authenticators.size(); position++) {
            CompletableFuture<@Nullable AuthResult> answer = ask(position, credentials);
            if (!answer.isDone()) {
                return new Waiting(credentials, position).start(answer);
            }
            AuthResult result = taken(position, answer);
            if (!(result instanceof AuthResult.Abstain)) {
                return told(name(position), result, credentials);
            }
        }
        return told(SignInListener.END_OF_CHAIN, NOBODY_ANSWERED, credentials);
    }

    /**
     * The exchange of the first authenticator that knows the method. One that fails to begin it
     * refuses the client; a later one is not asked instead.
     */
    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        for (NamedAuthenticator named : authenticators) {
            if (named.authenticator() instanceof EnhancedAuthenticator enhanced) {
                Optional<Exchange> exchange = begin(named.name(), enhanced, method, credentials);
                if (exchange.isPresent()) {
                    return exchange;
                }
            }
        }
        watch.decide(SignInListener.END_OF_CHAIN, METHOD_UNKNOWN, credentials.clientIdentifier());
        return Optional.empty();
    }

    private Optional<Exchange> begin(
            String name, EnhancedAuthenticator enhanced, String method, Credentials credentials) {
        String clientIdentifier = credentials.clientIdentifier();
        try {
            return enhanced.begin(method, credentials)
                    .map(exchange -> new WatchedExchange(watch, name, exchange, clientIdentifier));
        } catch (Throwable e) { // null, or an Error of a plug-in whose classes are missing
            return Optional.of(WatchedExchange.failed(watch, name, e, clientIdentifier));
        }
    }

    /** Closes all authenticators, also when some fail to. */
    @Override
    public void close() {
        for (NamedAuthenticator named : authenticators) {
            try {
                named.authenticator().close();
            } catch (RuntimeException e) {
                watch.noteNotClosed(named.name(), e);
            }
        }
    }

    /** The authenticator's stage; a completed one if it failed right away. */
    private CompletableFuture<@Nullable AuthResult> ask(int position, Credentials credentials) {
        try {
            @Nullable CompletionStage<AuthResult> stage =
                    authenticators.get(position).authenticator().authenticate(credentials);
            if (stage != null) {
                return stage.toCompletableFuture();
            }
            return CompletableFuture.completedFuture(null);
        } catch (Throwable e) { // a plug-in whose classes are missing throws an Error
            return CompletableFuture.failedFuture(e);
        }
    }

    private AuthResult taken(int position, CompletableFuture<@Nullable AuthResult> answer) {
        if (answer.isCompletedExceptionally()) {
            return answer.handle((result, failure) -> checked(position, null, failure)).join();
        }
        return checked(position, answer.join(), null);
    }

    private AuthResult checked(
            int position, @Nullable AuthResult result, @Nullable Throwable failure) {
        if (result != null && failure == null) {
            return result;
        }
        return watch.failed(name(position), failure);
    }

    private CompletionStage<AuthResult> told(
            String authenticator, AuthResult result, Credentials credentials) {
        return CompletableFuture.completedFuture(
                watch.decide(authenticator, result, credentials.clientIdentifier()));
    }

    private String name(int position) {
        return authenticators.get(position).name();
    }

    /** A sign-in whose answer was not there at once. Its steps follow one another on any thread. */
    private final class Waiting {

        private final Credentials credentials;
        private final AtomicBoolean decided = new AtomicBoolean();
        private final CompletableFuture<AuthResult> decision = new CompletableFuture<>();
        private volatile int asked;
        private @Nullable ScheduledFuture<?> timer;

        Waiting(Credentials credentials, int asked) {
            this.credentials = credentials;
            this.asked = asked;
        }

        CompletionStage<AuthResult> start(CompletableFuture<@Nullable AuthResult> answer) {
            timer = watch.start(this::expire);
            if (timer == null) {
                // Without a watch on the deadline the client could wait for ever.
                return told(name(asked), SignInWatch.UNWATCHED, credentials);
            }
            await(asked, answer);
            return decision;
        }

        private void await(int position, CompletableFuture<@Nullable AuthResult> answer) {
            asked = position;
            CompletableFuture<?> unused =
                    answer.whenComplete(
                            (result, failure) ->
                                    goOn(position, checked(position, result, failure)));
        }

        private void goOn(int position, AuthResult result) {
            if (!(result instanceof AuthResult.Abstain)) {
                decide(name(position), result);
                return;
            }
            for (int next = position + 1; next < authenticators.size() && !decided.get(); next++) {
                CompletableFuture<@Nullable AuthResult> answer = ask(next, credentials);
                if (!answer.isDone()) {
                    await(next, answer);
                    return;
                }
                AuthResult nextResult = taken(next, answer);
                if (!(nextResult instanceof AuthResult.Abstain)) {
                    decide(name(next), nextResult);
                    return;
                }
            }
            decide(SignInListener.END_OF_CHAIN, NOBODY_ANSWERED);
        }

        private void expire() {
            String authenticator = name(asked);
            if (decide(authenticator, watch.late())) {
                watch.noteLate(authenticator);
            }
        }

        private boolean decide(String authenticator, AuthResult result) {
            if (!decided.compareAndSet(false, true)) {
                return false;
            }
            if (timer != null) {
                timer.cancel(false);
            }
            decision.complete(watch.decide(authenticator, result, credentials.clientIdentifier()));
            return true;
        }
    }
}
