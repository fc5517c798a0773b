package io.muster.auth.guard;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.SignInListener;
import io.muster.auth.guard.Bar.Guard;
import io.muster.auth.guard.FailureGuard.Refusal;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.spi.Identity;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an authenticator and keeps out, for some time, those who guess and devices that
 * connect too often; shared by all threads, never blocks.
 *
 * <p>Who is barred is refused as {@link DenyReason#BANNED} without the authenticator being asked,
 * so it costs two look-ups in memory. A name is counted whether anybody has it or not, so a bar
 * tells nothing of that. On a listener that lets clients in as anonymous whom nobody knows, who is
 * barred for guessing counts as not known, {@link DenyReason#BAD_CREDENTIALS}: it learns nothing
 * there, and is let in no further than without a name.
 *
 * <p>A failure is each refusal of who has not proven who he is, also by a method of enhanced
 * authentication that nobody knows; not {@link DenyReason#UNAVAILABLE}, since that says nothing of
 * the client. Who signs in is counted by {@link ConnectRateGuard}, also when he does so again on
 * his open connection.
 */
public final class SignInGuard implements EnhancedAuthenticator {

    private static final AuthResult NAME_BARRED =
            AuthResult.deny(DenyReason.BANNED, "name is barred at this address");
    private static final AuthResult ADDRESS_BARRED =
            AuthResult.deny(DenyReason.BANNED, "address is barred");
    private static final AuthResult DEVICE_BARRED =
            AuthResult.deny(DenyReason.BANNED, "device connects too often");
    private static final AuthResult LEFT_UNKNOWN =
            AuthResult.deny(DenyReason.BAD_CREDENTIALS, "barred, so nobody was asked");
    private static final AuthResult METHOD_UNKNOWN =
            AuthResult.deny(DenyReason.BAD_CREDENTIALS, "method is not known");

    private final EnhancedAuthenticator authenticator;
    private final Predicate<InetAddress> exempt;
    private final Set<String> openListeners;
    private final SignInListener listener;
    private final FailureGuard failures;
    private final ConnectRateGuard rate;
    private final BarLog log;
    private final PresentBars bars;

    /**
     * A guard before {@code authenticator}, which is closed with it.
     *
     * @param exempt addresses at which no failures are counted
     * @param openListeners names of the listeners that let those in as anonymous whom nobody knows
     * @param ticker measures time
     * @param listener is told of those who are refused here
     */
    public SignInGuard(
            EnhancedAuthenticator authenticator,
            GuardSettings settings,
            Predicate<InetAddress> exempt,
            Set<String> openListeners,
            Ticker ticker,
            SignInListener listener) {
        this.authenticator = authenticator;
        this.exempt = exempt;
        this.openListeners = Set.copyOf(openListeners);
        this.listener = listener;
        this.log = new BarLog(ticker);
        this.failures = new FailureGuard(settings, ticker, log);
        this.rate = new ConnectRateGuard(settings.connectRate(), settings.entriesMax(), ticker);
        this.bars = new PresentBars(failures, rate);
    }

    /** Who is barred at present. */
    public Bars bars() {
        return bars;
    }

    @Override
    public CompletionStage<AuthResult> authenticate(Credentials credentials) {
        Attempt attempt = attempt(credentials, credentials.username());
        @Nullable AuthResult refusal = attempt.refusal(true);
        return refusal == null
                ? authenticator.authenticate(credentials).thenApply(attempt::concluded)
                : CompletableFuture.completedFuture(refusal);
    }

    /**
     * Guards a sign-in that does not come as a CONNECT: a device's by way of its gateway. It counts
     * for the name at the address in the credentials, as a CONNECT does.
     *
     * @param credentials the user name that the device would send, and where its gateway is
     * @param connects whether it counts as a connect of the device, too
     * @param signIn asked if nobody is barred
     */
    public CompletionStage<AuthResult> authenticate(
            Credentials credentials,
            boolean connects,
            Supplier<CompletionStage<AuthResult>> signIn) {
        Attempt attempt = attempt(credentials, credentials.username());
        @Nullable AuthResult refusal = attempt.refusal(false);
        return refusal == null
                ? signIn.get().thenApply(connects ? attempt::concluded : attempt::proven)
                : CompletableFuture.completedFuture(refusal);
    }

    @Override
    public Optional<Exchange> begin(String method, Credentials credentials) {
        Optional<Exchange> exchange = authenticator.begin(method, credentials);
        if (exchange.isPresent()) {
            return exchange.map(each -> new GuardedExchange(this, each, credentials));
        }
        Attempt attempt = attempt(credentials, credentials.username());
        @Nullable AuthResult refusal = attempt.refusal(false);
        if (refusal != null) {
            return Optional.of(
                    data ->
                            CompletableFuture.completedFuture(
                                    new Step.Finished(refusal, Optional.empty())));
        }
        attempt.concluded(METHOD_UNKNOWN);
        return Optional.empty();
    }

    /** Closes the authenticator. */
    @Override
    public void close() {
        authenticator.close();
    }

    /** Somebody tries to sign in under this name. */
    Attempt attempt(Credentials credentials, Optional<String> name) {
        @Nullable InetAddress address = credentials.remoteAddress().getAddress();
        boolean counted = address == null || !exempt.test(address);
        return new Attempt(
                Claim.of(name, AddressBlock.of(credentials.remoteAddress())),
                counted,
                openListeners.contains(credentials.listener()));
    }

    private AuthResult refused(Guard guard, AuthResult refusal) {
        bars.refused(guard);
        listener.decided(SignInListener.GUARD, refusal);
        return refusal;
    }

    /** One sign-in, from the question whether it is looked at to its end. */
    final class Attempt {

        private final Claim claim;
        private final boolean counted;
        private final boolean open;
        private final @Nullable Refusal refusal;

        private Attempt(Claim claim, boolean counted, boolean open) {
            this.claim = claim;
            this.counted = counted;
            this.open = open;
            this.refusal = counted ? failures.refusal(claim, open) : null;
        }

        /**
         * The refusal of one that is barred; null if it is not.
         *
         * @param basic whether it is no enhanced authentication: then nobody is told on a listener
         *     that lets those in as anonymous who are not known
         */
        @Nullable AuthResult refusal(boolean basic) {
            if (refusal == null) {
                return null;
            }
            return switch (refusal) {
                case NAME -> refused(Guard.NAME, open && basic ? LEFT_UNKNOWN : NAME_BARRED);
                case PROVEN_NAME -> refused(Guard.NAME, NAME_BARRED);
                case ADDRESS -> refused(Guard.ADDRESS, ADDRESS_BARRED);
            };
        }

        /** The result that counts, after the authenticator gave this one. */
        AuthResult concluded(AuthResult result) {
            if (result instanceof AuthResult.Accept accept) {
                return accepted(accept);
            }
            if (counted && result instanceof AuthResult.Deny deny) {
                denied(deny.reason());
            }
            return result;
        }

        /** The same where nobody connects. */
        AuthResult proven(AuthResult result) {
            if (counted && result instanceof AuthResult.Accept) {
                failures.succeeded(claim);
                return result;
            }
            return result instanceof AuthResult.Accept ? result : concluded(result);
        }

        private void denied(DenyReason reason) {
            switch (reason) {
                case BAD_CREDENTIALS, BAD_CLIENT_IDENTIFIER -> failures.failed(claim, open);
                case NOT_AUTHORIZED -> failures.refusedThoughProven(claim);
                case BANNED, UNAVAILABLE -> {}
            }
        }

        private AuthResult accepted(AuthResult.Accept accept) {
            if (counted) {
                failures.succeeded(claim);
            }
            Identity identity = accept.identity();
            return switch (rate.connects(identity)) {
                case FINE -> accept;
                case BARRED_BEFORE -> refused(Guard.RATE, DEVICE_BARRED);
                case BARRED_NOW -> {
                    rate.find(identity.principal()).ifPresent(log::barred);
                    yield refused(Guard.RATE, DEVICE_BARRED);
                }
            };
        }
    }
}
