package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
public final class AuthenticatorChain implements Authenticator {

    private static final Logger log = LoggerFactory.getLogger(AuthenticatorChain.class);

    private static final AuthResult FAILED =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the authenticator failed");
    private static final AuthResult LATE =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the authenticator was late");
    private static final AuthResult UNWATCHED =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the deadline cannot be watched");
    private static final AuthResult NOBODY_ANSWERED =
            AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no authenticator knows these credentials");

    private final List<NamedAuthenticator> authenticators;
    private final long deadlineNanos;
    private final ScheduledExecutorService scheduler;
    private final SignInListener listener;

    /**
     * A chain of {@code authenticators} in this order; they are closed with it.
     *
     * @param deadline how long all of them together may take for one sign-in
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
        this.deadlineNanos = deadline.toNanos();
        this.scheduler = scheduler;
        this.listener = listener;
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
                return told(
                        name(position),
                        SessionSpace.setApart(result, credentials.clientIdentifier()));
            }
        }
        return told(SignInListener.END_OF_CHAIN, NOBODY_ANSWERED);
    }

    /** Closes all authenticators, also when some fail to. */
    @Override
    public void close() {
        for (NamedAuthenticator named : authenticators) {
            try {
                named.authenticator().close();
            } catch (RuntimeException e) {
                log.warn("authenticator not closed authenticator={}", named.name(), e);
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
        // The message of a foreign exception may hold what the client sent, so only its type is
        // written, and where it comes from when somebody looks for it.
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String error = cause == null ? "null-answer" : cause.getClass().getName();
        log.warn("authenticator failed authenticator={} error={}", name(position), error);
        if (cause != null && log.isDebugEnabled()) {
            log.debug(
                    "authenticator failed authenticator={} stack={}",
                    name(position),
                    Arrays.toString(cause.getStackTrace()));
        }
        return FAILED;
    }

    private CompletionStage<AuthResult> told(String authenticator, AuthResult result) {
        tell(authenticator, result);
        return CompletableFuture.completedFuture(result);
    }

    private void tell(String authenticator, AuthResult result) {
        try {
            listener.decided(authenticator, result);
        } catch (RuntimeException e) {
            log.warn("sign-in listener failed authenticator={}", authenticator, e);
        }
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
            try {
                timer = scheduler.schedule(this::expire, deadlineNanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // Without a watch on the deadline the client could wait for ever.
                return told(name(asked), UNWATCHED);
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
            if (decide(authenticator, LATE)) {
                log.warn(
                        "authenticator late authenticator={} deadlineMillis={}",
                        authenticator,
                        TimeUnit.NANOSECONDS.toMillis(deadlineNanos));
            }
        }

        private boolean decide(String authenticator, AuthResult result) {
            if (!decided.compareAndSet(false, true)) {
                return false;
            }
            if (timer != null) {
                timer.cancel(false);
            }
            AuthResult safe = SessionSpace.setApart(result, credentials.clientIdentifier());
            tell(authenticator, safe);
            decision.complete(safe);
            return true;
        }
    }
}
