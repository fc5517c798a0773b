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
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * are compared with the list, some at a time in either case.
 *
 * <p>Shared; never blocks: it works on a thread of its own. What the registry does not say is tried
 * again; changes of one list that come meanwhile are one.
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

        /** Serial numbers of those that are good, from some on. */
        List<String> page(String issuer, String after, Instant now, int limit);

        /** Those that are good among these. */
        Set<String> among(String issuer, Collection<String> serials, Instant now);
    }

    /**
     * What is to be done. Immutable.
     *
     * @param lists that are in force
     * @param ended authorities with which it is over, as the registry calls them
     */
    record Due(Map<CrlPartition, ListChange> lists, Set<String> ended) {

        static final Due NOTHING = new Due(Map.of(), Set.of());

        Due {
            lists = Map.copyOf(lists);
            ended = Set.copyOf(ended);
        }

        static Due of(ListChange change) {
            return new Due(Map.of(change.partition(), change), change.ended());
        }

        boolean isNothing() {
            return lists.isEmpty() && ended.isEmpty();
        }

        Due then(Due later) {
            Map<CrlPartition, ListChange> all = new HashMap<>(lists);
            later.lists.forEach((list, change) -> all.merge(list, change, ListChange::then));
            Set<String> both = new HashSet<>(ended);
            both.addAll(later.ended);
            return new Due(all, both);
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
        waiting = waiting.then(due);
    }

    /** What was added; whoever takes it looks at those who are connected, and then settles it. */
    synchronized Due take() {
        Due taken = waiting;
        waiting = Due.NOTHING;
        return taken;
    }

    /** Ends the sessions of those who are away. */
    void settle(Due due, Clients clients) {
        if (due.isNothing()) {
            return;
        }
        try {
            thread.execute(() -> run(due, clients));
        } catch (RejectedExecutionException full) { // or closed
            putBack(due);
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

    private synchronized void putBack(Due due) {
        failed = due.then(failed);
    }

    private void run(Due due, Clients clients) {
        try {
            for (ListChange change : due.lists().values()) {
                for (String issuer : change.issuers()) {
                    endListed(issuer, change, clients);
                }
            }
            for (String issuer : due.ended()) {
                walk(issuer, id -> !isGood.test(id), clients);
            }
        } catch (RegistryUnavailableException e) {
            log.debug("registry does not say whose certificates are on a list, asked again", e);
            putBack(due);
        } catch (RuntimeException e) {
            log.error(
                    "sessions of devices that are away did not all end, tried again cause={}",
                    new Quoted(e.toString()),
                    e);
            putBack(due);
        }
    }

    private void endListed(String issuer, ListChange change, Clients clients) {
        int listed = change.now().countNotIn(change.before());
        if (listed == 0) {
            return;
        }
        if (registry.count(issuer) <= listed) {
            walk(issuer, id -> change.isNew(id.number()), clients);
            return;
        }
        List<String> some = new ArrayList<>(Math.min(listed, TOGETHER));
        change.now()
                .forEachNotIn(
                        change.before(),
                        serial -> {
                            some.add(serial(issuer, serial));
                            if (some.size() == TOGETHER) {
                                lookUp(issuer, some, clients);
                                some.clear();
                            }
                        });
        if (!some.isEmpty()) {
            lookUp(issuer, some, clients);
        }
    }

    private static String serial(String issuer, BigInteger number) {
        return CertificateId.of(issuer, number).serial();
    }

    private void lookUp(String issuer, List<String> serials, Clients clients) {
        end(
                registry.among(issuer, serials, clock.instant()).stream()
                        .map(serial -> new CertificateId(issuer, serial))
                        .toList(),
                clients);
    }

    /** Ends those of the issuer's that are over. */
    private void walk(String issuer, Predicate<CertificateId> isOver, Clients clients) {
        Optional<String> after = Optional.of(GoodCertificates.BEGIN);
        while (after.isPresent()) {
            List<String> page = registry.page(issuer, after.get(), clock.instant(), TOGETHER);
            end(
                    page.stream()
                            .map(serial -> new CertificateId(issuer, serial))
                            .filter(isOver)
                            .toList(),
                    clients);
            after =
                    page.size() < TOGETHER
                            ? Optional.empty()
                            : Optional.of(page.get(page.size() - 1));
        }
    }

    /** One part after the other: more than one is never under way. */
    private void end(List<CertificateId> revoked, Clients clients) {
        if (!revoked.isEmpty()) {
            try {
                sessions.revoked(revoked, List.of(), clients).toCompletableFuture().join();
            } catch (CompletionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
