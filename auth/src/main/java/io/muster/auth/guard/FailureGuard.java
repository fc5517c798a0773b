package io.muster.auth.guard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.guard.Bar.Guard;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bars those who guess. Shared by all threads; never blocks.
 *
 * <p>Three things are counted. A <i>name at an address</i>: after some wrong sign-ins that name is
 * barred at that address, and nowhere else, so that nobody can shut a device out from far away. The
 * <i>names that failed at an address</i>: after some, the address is barred, but for names that
 * have signed in from there before. And the failures of a <i>name everywhere</i>: after many,
 * nobody has tries to spare with that name, and the first wrong one bars it at its address; who
 * makes no mistake does not feel it.
 */
final class FailureGuard {

    private final GuardSettings settings;
    private final Ticker ticker;
    private final BarLog log;
    private final FailureTable<Claim> claims;
    private final FailureTable<AddressBlock> addresses;
    private final FailureTable<String> names;
    private final KnownPlaces known = new KnownPlaces();

    /** When names were forgiven. Forgotten when all is over that was before. */
    private final Cache<String, Long> forgiven;

    FailureGuard(GuardSettings settings, Ticker ticker, BarLog log) {
        this.settings = settings;
        this.ticker = ticker;
        this.log = log;
        this.claims = new FailureTable<>(settings, ticker);
        this.addresses = new FailureTable<>(settings, ticker);
        this.names = new FailureTable<>(settings, ticker);
        this.forgiven =
                Caffeine.newBuilder()
                        .maximumSize(settings.entriesMax())
                        .expireAfterWrite(settings.window().plus(settings.longestBar()))
                        .ticker(ticker)
                        .executor(Runnable::run)
                        .build();
    }

    /** A sign-in that is not to be looked at. */
    enum Refusal {
        /** The name is barred at the address. */
        NAME,
        /** As before; who failed there last had proven to be it. */
        PROVEN_NAME,
        /** The address is barred. */
        ADDRESS
    }

    /**
     * Why a claim is not looked at now; null if it is.
     *
     * @param open whether it comes to a listener that is open to strangers, where addresses are not
     *     barred: a device would be let in as one of them, and stay that
     */
    @Nullable Refusal refusal(Claim claim, boolean open) {
        @Nullable Failures failures = claims.barred(claim);
        if (failures != null && isForgiven(claim, failures)) {
            claims.forget(claim);
        } else if (failures != null) {
            return failures.proven() ? Refusal.PROVEN_NAME : Refusal.NAME;
        }
        boolean barred = !open && addresses.barred(claim.address()) != null;
        return barred && !(claim.isNamed() && known.contains(claim)) ? Refusal.ADDRESS : null;
    }

    /**
     * The claim was right. If it is the first of its name at the address, that address is no den of
     * guessers only, and begins anew: otherwise some devices that are set up wrongly could keep a
     * whole site out that comes back after a restart. Who has one name resets it once.
     */
    void succeeded(Claim claim) {
        if (!claim.isNamed()) {
            return;
        }
        if (!known.contains(claim)) {
            addresses.forget(claim.address());
            known.add(claim);
        }
        claims.forget(claim);
    }

    /**
     * The claim was wrong, or nothing at all.
     *
     * @param open as for {@link #refusal}
     */
    void failed(Claim claim, boolean open) {
        if (isFirstOf(claim) && !open) {
            Failures failures = addresses.failed(claim.address(), settings.addressNames(), false);
            tellIfBarred(Guard.ADDRESS, new Claim("", claim.address()), failures);
        }
    }

    /**
     * Counts for the name. Only the first failure of a name counts for its address too: few devices
     * that are set up wrongly and never give up do not bar all others behind the same router. All
     * that send no name are one.
     */
    private boolean isFirstOf(Claim claim) {
        boolean widely = claim.isNamed() && isGuessedWidely(claim.name());
        int limit = widely ? Math.min(1, settings.nameFailures()) : settings.nameFailures();
        Failures failures = claims.failed(claim, limit, false);
        tellIfBarred(Guard.NAME, claim, failures);
        return failures.isFirst();
    }

    private boolean isGuessedWidely(String name) {
        int limit = settings.nameFailuresEverywhere();
        return limit > 0 && names.failed(name, 0, false).count() > limit;
    }

    /**
     * The claim was right, but whoever made it may not sign in: a disabled device that tries on. It
     * is slowed down where it is, and nothing is held against its address.
     */
    void refusedThoughProven(Claim claim) {
        if (claim.isNamed()) {
            tellIfBarred(Guard.NAME, claim, claims.failed(claim, settings.nameFailures(), true));
        }
    }

    private void tellIfBarred(Guard guard, Claim claim, Failures failures) {
        if (failures.beginsBar()) {
            log.barred(bar(guard, claim, failures, ticker.read()));
        }
    }

    private static Bar bar(Guard guard, Claim claim, Failures failures, long nowNanos) {
        return new Bar(
                guard,
                claim.isNamed() ? Optional.of(claim.name()) : Optional.empty(),
                Optional.of(claim.address().toString()),
                failures.count(),
                failures.remaining(nowNanos));
    }

    /** Lets a name in again at all addresses. */
    void forgive(String name) {
        forgiven.put(name, ticker.read());
    }

    private boolean isForgiven(Claim claim, Failures failures) {
        @Nullable Long atNanos = forgiven.getIfPresent(claim.name());
        return atNanos != null && atNanos - failures.sinceNanos() >= 0;
    }

    /** Shows {@code visitor} the names that are barred now. */
    void eachName(PresentBars.Visitor visitor) {
        long now = ticker.read();
        claims.eachBarred(
                (claim, failures) -> {
                    if (!isForgiven(claim, failures)) {
                        visitor.visit(
                                bar(Guard.NAME, claim, failures, now), () -> claims.forget(claim));
                    }
                });
    }

    /** Shows {@code visitor} the addresses that are barred now. */
    void eachAddress(PresentBars.Visitor visitor) {
        long now = ticker.read();
        addresses.eachBarred(
                (address, failures) ->
                        visitor.visit(
                                bar(Guard.ADDRESS, new Claim("", address), failures, now),
                                () -> addresses.forget(address)));
    }

    /** How many entries there are in all tables. */
    long size() {
        return claims.size() + addresses.size() + names.size();
    }
}
