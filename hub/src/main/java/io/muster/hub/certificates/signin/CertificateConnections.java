package io.muster.hub.certificates.signin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.broker.Clients;
import io.muster.broker.log.Quoted;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.hub.certificates.ConnectedCertificates;
import io.muster.hub.certificates.RevocationListener;
import io.muster.hub.certificates.trust.ListChange;
import io.muster.hub.certificates.trust.Trust;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of each certificate, from before they are admitted to their end; and how they end
 * with it, and the sessions of those that have no other. Shared; never blocks.
 *
 * <p>A connection is entered first, and its certificate looked at once more then. A certificate is
 * revoked first, and its connections looked for then. So one of the two finds the other.
 */
public final class CertificateConnections implements RevocationListener, ConnectedCertificates {

    private static final Logger log = LoggerFactory.getLogger(CertificateConnections.class);

    private final Trust trust;
    private final CertificateSessions sessions;
    private final AwaySessions away;
    private final MeterRegistry meters;
    private final Clock clock;

    /** Says nothing against lists that are stale: that is another's decision. */
    private final ClientCertificateCheck standing;

    private final Map<CertificateId, List<Entry>> byCertificate = new ConcurrentHashMap<>();
    private final NavigableSet<Entry> byEnd =
            new ConcurrentSkipListSet<>(
                    Comparator.comparingLong(Entry::endMillis).thenComparingLong(Entry::number));
    private final AtomicLong numbers = new AtomicLong();
    private volatile @Nullable Clients clients;

    /**
     * A connection.
     *
     * @param endMillis the last moment of its certificate, in milliseconds since 1970
     * @param number which no other one has
     */
    private record Entry(
            CertificateId certificate, ConnectedClient client, long endMillis, long number) {}

    /**
     * There are none yet.
     *
     * @param meters counts those that end with their certificates, by why
     */
    CertificateConnections(
            Trust trust,
            CertificateSessions sessions,
            AwaySessions away,
            MeterRegistry meters,
            Clock clock) {
        this.trust = trust;
        this.sessions = sessions;
        this.away = away;
        this.meters = meters;
        this.clock = clock;
        this.standing = trust.checkOfConnected(Optional.empty());
        var unusedRevoked = ended("revoked");
        var unusedExpired = ended("expired");
    }

    /** Who ends connections; to be said before there are any. */
    public void endBy(Clients present) {
        clients = present;
    }

    /** Whether a certificate is good, whatever its time is; see {@link Trust#isGood}. */
    boolean isGood(CertificateId certificate) {
        return trust.isGood(certificate);
    }

    /** How many there are. */
    public int size() {
        return byEnd.size();
    }

    /** A client is about to be admitted. */
    void enter(CertificateId certificate, ConnectedClient client, Instant notAfter) {
        Entry entry =
                new Entry(certificate, client, notAfter.toEpochMilli(), numbers.incrementAndGet());
        byCertificate.compute(
                certificate,
                (id, others) -> {
                    List<Entry> all = new ArrayList<>(others == null ? List.of() : others);
                    all.add(entry);
                    return List.copyOf(all);
                });
        byEnd.add(entry);
    }

    /** It has not been admitted after all, or has ended. */
    void leave(CertificateId certificate, ConnectedClient client) {
        byCertificate.computeIfPresent(
                certificate,
                (id, all) -> {
                    List<Entry> left = new ArrayList<>();
                    for (Entry each : all) {
                        if (each.client().isSameAs(client)) {
                            byEnd.remove(each);
                        } else {
                            left.add(each);
                        }
                    }
                    return left.isEmpty() ? null : List.copyOf(left);
                });
    }

    @Override
    public CompletionStage<Void> revoked(Collection<CertificateId> revoked) {
        boolean endsAuthority = trust.revoke(revoked);
        CompletionStage<Void> ended = endOf(revoked);
        if (!endsAuthority) {
            return ended;
        }
        authoritiesEnded(trust.endedBy(revoked));
        return ended.thenCombine(review(standing), (ofThese, ofThoseBelow) -> null);
    }

    /** A list is in force: with the next review the sessions end of whoever is on it and away. */
    void listed(ListChange change) {
        if (!change.isEmpty()) {
            away.add(AwaySessions.Due.of(change));
        }
    }

    /** It is over with these authorities: with the next review, with whoever is away too. */
    void authoritiesEnded(Set<String> issuers) {
        away.add(AwaySessions.Due.ofEnded(issuers));
    }

    /** Takes some microseconds for each connection. */
    @Override
    public Set<CertificateId> ofProduct(String productKey) {
        String ofProduct = principals(productKey);
        return byEnd.stream()
                .filter(each -> each.client().identity().principal().startsWith(ofProduct))
                .map(Entry::certificate)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What those of a product's devices begin with. */
    private static String principals(String productKey) {
        return DeviceSecretAuthenticator.PRINCIPAL_PREFIX + productKey + "/";
    }

    /** Told by the registry of certificates that are revoked, since their devices are deleted. */
    public RegistryListener ofDeletedDevices() {
        return new RegistryListener() {
            @Override
            public void certificatesRevoked(Set<CertificateId> ofDeleted) {
                var unused = revoked(ofDeleted);
            }
        };
    }

    /**
     * Ends those of certificates that are revoked already, and the sessions of devices that have no
     * other.
     */
    CompletionStage<Void> endOf(Collection<CertificateId> revoked) {
        return endOf(
                revoked,
                revoked.stream()
                        .flatMap(id -> byCertificate.getOrDefault(id, List.of()).stream())
                        .toList());
    }

    /** Connections first: nobody waits for what the registry says of others. */
    private CompletionStage<Void> endOf(Collection<CertificateId> revoked, List<Entry> entries) {
        CompletableFuture<Void> closed =
                all(entries.stream().map(this::expel)).toCompletableFuture();
        List<ConnectedClient> expelled = entries.stream().map(Entry::client).toList();
        return CompletableFuture.allOf(
                closed,
                closed.handle((done, failure) -> expelled)
                        .thenCompose(gone -> sessions.revoked(revoked, gone, ending())));
    }

    /** Ends sessions of which it was not known before whether they have to. */
    void endSessionsAgain() {
        sessions.again(ending());
        away.again(ending());
    }

    /**
     * Ends the connections of a product's devices that have no certificate bound to them.
     *
     * @return complete when they are closed: how many there were
     */
    CompletionStage<Integer> endUncertified(String productKey) {
        String ofProduct = principals(productKey);
        Set<String> certified =
                byEnd.stream()
                        .map(each -> each.client().identity())
                        .filter(each -> each.attributes().containsKey(CertificateGate.BOUND))
                        .map(Identity::principal)
                        .collect(Collectors.toUnmodifiableSet());
        return ending().disconnect(
                        (String principal) ->
                                principal.startsWith(ofProduct) && !certified.contains(principal));
    }

    private static CompletionStage<Void> all(Stream<CompletionStage<Boolean>> endings) {
        return CompletableFuture.allOf(
                endings.map(CompletionStage::toCompletableFuture)
                        .toArray(CompletableFuture<?>[]::new));
    }

    private CompletionStage<Boolean> expel(Entry entry) {
        count("revoked");
        log.info(
                "connection ends, its certificate is revoked certificate={} client={}",
                entry.certificate(),
                new Quoted(entry.client().clientIdentifier()));
        return ending().expel(entry.client());
    }

    private void count(String reason) {
        ended(reason).increment();
    }

    private Counter ended(String reason) {
        return meters.counter("muster.certificate.connections.ended", "reason", reason);
    }

    private Clients ending() {
        Clients present = clients;
        if (present == null) {
            throw new IllegalStateException("nobody ends connections yet");
        }
        return present;
    }

    /** Ends those whose certificates are over by now. Their sessions stay, as do their wills. */
    CompletionStage<Void> endExpired() {
        long now = clock.millis();
        List<CompletionStage<Boolean>> endings = new ArrayList<>();
        List<Entry> over = byEnd.stream().takeWhile(each -> each.endMillis() < now).toList();
        for (Entry entry : over) {
            byEnd.remove(entry);
            count("expired");
            endings.add(disconnect(entry, "is over"));
        }
        return all(endings.stream());
    }

    private CompletionStage<Boolean> disconnect(Entry entry, String why) {
        log.info(
                "connection ends, its certificate {} certificate={} client={}",
                why,
                entry.certificate(),
                new Quoted(entry.client().clientIdentifier()));
        return ending().disconnect(entry.client());
    }

    /**
     * Looks at all of them once more, as when a list of revocations is in force that was not
     * before, or somebody is not trusted any more. Takes some microseconds for each.
     *
     * <p>Then it is the turn of those who are away: who was connected when a list came is found
     * here or there, whenever he goes. If this fails it is the turn of nobody: see {@link
     * #isReviewDue}.
     *
     * @return complete when those are closed that had to go
     */
    CompletionStage<Void> review(ClientCertificateCheck check) {
        AwaySessions.Due due = away.take();
        try {
            Clients present = ending();
            return ofConnected(check).whenComplete((done, failure) -> away.settle(due, present));
        } catch (RuntimeException e) {
            away.add(due);
            throw e;
        }
    }

    /** Whether somebody who is away waits for a review: one is under way, or has failed. */
    boolean isReviewDue() {
        return away.isWaiting();
    }

    private CompletableFuture<Void> ofConnected(ClientCertificateCheck check) {
        List<CompletionStage<Boolean>> endings = new ArrayList<>();
        List<Entry> revoked = new ArrayList<>();
        for (Entry entry : byEnd) {
            if (check.check(entry.client().origin().certificates())
                    instanceof CertificateVerdict.Refused refused) {
                if (refused.cause().isRevocation()) {
                    revoked.add(entry);
                } else {
                    count(refused.cause().name().toLowerCase(Locale.ROOT));
                    endings.add(disconnect(entry, "is not trusted: " + refused.cause()));
                }
            }
        }
        CompletionStage<Void> expelled =
                endOf(revoked.stream().map(Entry::certificate).distinct().toList(), revoked);
        return CompletableFuture.allOf(
                expelled.toCompletableFuture(), all(endings.stream()).toCompletableFuture());
    }
}
