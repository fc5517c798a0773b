package io.muster.auth;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over the answers of a chain's authenticators: gives those that fail or are late a refusal
 * and a line in the log, and tells the listener each outcome. Shared by all threads.
 */
final class SignInWatch {

    /** The answer where nobody would notice that the deadline has passed. */
    static final AuthResult UNWATCHED =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the deadline cannot be watched");

    private static final Logger log = LoggerFactory.getLogger(SignInWatch.class);

    private static final AuthResult FAILED =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the authenticator failed");
    private static final AuthResult LATE =
            AuthResult.deny(DenyReason.UNAVAILABLE, "the authenticator was late");

    private final long deadlineNanos;
    private final ScheduledExecutorService scheduler;
    private final SignInListener listener;

    SignInWatch(Duration deadline, ScheduledExecutorService scheduler, SignInListener listener) {
        this.deadlineNanos = deadline.toNanos();
        this.scheduler = scheduler;
        this.listener = listener;
    }

    /**
     * Runs {@code expired} when the deadline has passed.
     *
     * @return what cancels that; null if it cannot be watched, so that the client must be refused
     *     rather than wait for ever
     */
    @Nullable ScheduledFuture<?> start(Runnable expired) {
        try {
            return scheduler.schedule(expired, deadlineNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            return null;
        }
    }

    /** The refusal instead of an answer that failed or is none; noted in the log. */
    AuthResult failed(String authenticator, @Nullable Throwable failure) {
        // The message of a foreign exception may hold what the client sent, so only its type is
        // written, and where it comes from when somebody looks for it.
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String error = cause == null ? "null-answer" : cause.getClass().getName();
        log.warn("authenticator failed authenticator={} error={}", authenticator, error);
        if (cause != null && log.isDebugEnabled()) {
            log.debug(
                    "authenticator failed authenticator={} stack={}",
                    authenticator,
                    Arrays.toString(cause.getStackTrace()));
        }
        return FAILED;
    }

    /** The refusal instead of an answer that did not come in time. */
    AuthResult late() {
        return LATE;
    }

    /** Notes in the log that an answer was late. */
    void noteLate(String authenticator) {
        log.warn(
                "authenticator late authenticator={} deadlineMillis={}",
                authenticator,
                TimeUnit.NANOSECONDS.toMillis(deadlineNanos));
    }

    /** Notes in the log that an exchange could not say whom a client claims to be. */
    void noteNoName(String authenticator, RuntimeException failure) {
        log.warn(
                "authenticator failed authenticator={} error={}",
                authenticator,
                failure.getClass().getName());
    }

    /** Notes in the log that something was not closed in order. */
    void noteNotClosed(String authenticator, RuntimeException failure) {
        log.warn("authenticator not closed authenticator={}", authenticator, failure);
    }

    /** Makes an answer safe for the sessions of devices, and tells the listener of it. */
    AuthResult decide(String authenticator, AuthResult result, String sentClientIdentifier) {
        AuthResult safe = SessionSpace.setApart(result, sentClientIdentifier);
        try {
            listener.decided(authenticator, safe);
        } catch (RuntimeException e) {
            log.warn("sign-in listener failed authenticator={}", authenticator, e);
        }
        return safe;
    }
}
