package io.muster.hub.certificates.signin;

import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.broker.Clients;
import io.muster.broker.log.Quoted;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.GoodCertificates;
import io.muster.hub.certificates.BoundedThreads;
import io.muster.hub.certificates.trust.ListChange;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of devices that are away when others than the registry revoke: by a list that
 * is in force, or by the end of an authority. Which of a list's certificates are bound to devices
 * is found out by the shorter way: they are looked up, or all of the issuer that the registry knows
 * are compared with the list, some at a time in either case. Who is not on the list any more by
 * then keeps his session.
 *
 * <p>Shared; never blocks: it works on a thread of its own, in steps, so that no list waits until a
 * large issuer, or a large list, has been gone through. A step that the registry does not answer is
 * tried again, and what was done before it is not done again; changes of one list that come
 * meanwhile are one.
 */
final class AwaySessions implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AwaySessions.class);

    private static final int TOGETHER = CertificateRegistry.TOGETHER_MAX;

    private final Reading registry;
    private final CertificateSessions sessions;
    private final Predicate<CertificateId> isGood;
    private final Clock clock;
    private final ExecutorService thread = BoundedThreads.of("muster-away-sessions", 1);

    /** What waits for those who are connected to be looked at. Guarded by this. */
    private Due waiting = Due.NOTHING;

    /** What waits for the registry. Guarded by this. */
    private Due failed = Due.NOTHING;

    /** Which certificates the registry knows; see {@link GoodCertificates}. Every method blocks. */
    interface Reading {

        /** How many an issuer has. */
        long count(String issuer);

        /** Those that are good among so many that are looked at, from some on. */
        GoodCertificates.Page page(String issuer, String after, Instant now, int limit);

        /** Those that are good among these. */
        Set<String> among(String issuer, Collection<String> serials, Instant now);
    }

    /**
     * Why clients of an issuer are to go.
     *
     * @param issuer as the registry calls it
     * @param list that is in force; empty if it is over with the issuer
     */
    private record Cause(String issuer, Optional<CrlPartition> list) {}

    /**
     * What is left to do for a cause. Immutable.
     *
     * @param change of the list, if it is one
     * @param after the serial number up to which all have been looked at
     * @param rows how many certificates of the issuer are looked at yet, before those that are new
     *     on the list are looked up; or {@link #UNDECIDED}
     * @param place up to which those have been looked up; see {@link ListChange#forEachNew}
     */
    private record Rest(Optional<ListChange> change, String after, long rows, int place) {

        static final long UNDECIDED = -1;

        static final Rest OF_ENDED =
                new Rest(Optional.empty(), GoodCertificates.BEGIN, Long.MAX_VALUE, 0);

        static Rest of(ListChange change) {
            return new Rest(Optional.of(change), GoodCertificates.BEGIN, UNDECIDED, 0);
        }

        /** Both, from the beginning. */
        Rest with(Rest other) {
            return change.flatMap(one -> other.change.map(one::with))
                    .map(Rest::of)
                    .orElse(OF_ENDED);
        }

        boolean isOver(CertificateId id, Predicate<CertificateId> isGood) {
            return change.map(list -> list.isOver(id.number())).orElseGet(() -> !isGood.test(id));
        }
    }

    /** What is to be done. Immutable. */
    static final class Due {

        static final Due NOTHING = new Due(Map.of());

        private final Map<Cause, Rest> rests;

        private Due(Map<Cause, Rest> rests) {
            this.rests = Map.copyOf(rests);
        }

        /** A list is in force. */
        static Due of(ListChange change) {
            Map<Cause, Rest> all = new HashMap<>();
            change.issuers()
                    .forEach(
                            issuer ->
                                    all.put(
                                            new Cause(issuer, Optional.of(change.partition())),
                                            Rest.of(change)));
            return new Due(all).with(ofEnded(change.ended()));
        }

        /** It is over with these authorities, as the registry calls them. */
        static Due ofEnded(Set<String> issuers) {
            Map<Cause, Rest> all = new HashMap<>();
            issuers.forEach(issuer -> all.put(new Cause(issuer, Optional.empty()), Rest.OF_ENDED));
            return new Due(all);
        }

        boolean isNothing() {
            return rests.isEmpty();
        }

        /** Both, whichever was first. */
        Due with(Due other) {
            Map<Cause, Rest> all = new HashMap<>(rests);
            other.rests.forEach((cause, rest) -> all.merge(cause, rest, Rest::with));
            return new Due(all);
        }
    }

    /**
     * By what this registry says.
     *
     * @param isGood see {@link CertificateSessions}
     */
    AwaySessions(
            Reading registry,
            CertificateSessions sessions,
            Predicate<CertificateId> isGood,
            Clock clock) {
        this.registry = registry;
        this.sessions = sessions;
        this.isGood = isGood;
        this.clock = clock;
    }

    /** To be done as soon as those who are connected have been looked at after this call. */
    synchronized void add(Due due) {
        waiting = waiting.with(due);
    }

    /** Whether there is something to take. */
    synchronized boolean isWaiting() {
        return !waiting.isNothing();
    }

    /** What was added; whoever takes it looks at those who are connected, and then settles it. */
    synchronized Due take() {
        Due taken = waiting;
        waiting = Due.NOTHING;
        return taken;
    }

    /** Ends the sessions of those who are away. */
    void settle(Due due, Clients clients) {
        due.rests.forEach((cause, rest) -> settle(cause, rest, clients));
    }

    private void settle(Cause cause, Rest rest, Clients clients) {
        try {
            thread.execute(() -> run(cause, rest, clients));
        } catch (RejectedExecutionException full) { // or closed
            putBack(cause, rest);
        }
    }

    /** Tries again what the registry did not say before. */
    void again(Clients clients) {
        Due due;
        synchronized (this) {
            due = failed;
            failed = Due.NOTHING;
        }
        settle(due, clients);
    }

    private synchronized void putBack(Cause cause, Rest rest) {
        failed = failed.with(new Due(Map.of(cause, rest)));
    }

    private void run(Cause cause, Rest rest, Clients clients) {
        try {
            step(cause.issuer(), rest, clients)
                    .ifPresent(further -> settle(cause, further, clients));
        } catch (RegistryUnavailableException e) {
            log.debug("registry does not say whose certificates are revoked, asked again", e);
            putBack(cause, rest);
        } catch (RuntimeException e) {
            log.error(
                    "sessions of devices that are away did not all end, tried again cause={}",
                    new Quoted(e.toString()),
                    e);
            putBack(cause, rest);
        }
    }

    /** One look at the registry; what is left then. */
    private Optional<Rest> step(String issuer, Rest rest, Clients clients) {
        long rows = rest.rows();
        if (rows == Rest.UNDECIDED) {
            rows = rows(issuer, rest.change().orElseThrow());
        }
        if (rows == 0) {
            return lookUp(issuer, rest, clients);
        }
        int limit = (int) Math.min(rows, TOGETHER);
        long left = rows - limit;
        GoodCertificates.Page page = registry.page(issuer, rest.after(), clock.instant(), limit);
        end(issuer, page.good(), rest, clients);
        return page.next().map(last -> new Rest(rest.change(), last, left, 0));
    }

    /**
     * None if that is not shorter, and never more than there are to look up: what an issuer has
     * that is good is known before, but not how much that is over stands between.
     */
    private long rows(String issuer, ListChange change) {
        int listed = change.countNew();
        return listed <= TOGETHER || registry.count(issuer) > listed ? 0 : listed;
    }

    /** Some of those that are new on a list and were not looked at before. */
    private Optional<Rest> lookUp(String issuer, Rest rest, Clients clients) {
        List<String> some = new ArrayList<>();
        OptionalInt next =
                rest.change()
                        .orElseThrow()
                        .forEachNew(
                                rest.place(),
                                TOGETHER,
                                number -> {
                                    String serial = CertificateId.of(issuer, number).serial();
                                    if (serial.compareTo(rest.after()) > 0) {
                                        some.add(serial);
                                    }
                                });
        if (!some.isEmpty()) {
            end(issuer, registry.among(issuer, some, clock.instant()), rest, clients);
        }
        return next.isPresent()
                ? Optional.of(new Rest(rest.change(), rest.after(), 0, next.getAsInt()))
                : Optional.empty();
    }

    /** One part after the other: more than one is never under way. */
    private void end(String issuer, Collection<String> serials, Rest rest, Clients clients) {
        List<CertificateId> revoked =
                serials.stream()
                        .map(serial -> new CertificateId(issuer, serial))
                        .filter(id -> rest.isOver(id, isGood))
                        .toList();
        if (revoked.isEmpty()) {
            return;
        }
        try {
            sessions.revokedByOthers(revoked, clients).toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RegistryUnavailableException unavailable) {
                throw unavailable;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
