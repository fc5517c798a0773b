package io.muster.hub.certificates.signin;

import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.broker.Clients;
import io.muster.broker.log.Quoted;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.hub.certificates.RevocationListener;
import io.muster.hub.certificates.trust.Trust;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of each certificate, from before they are admitted to their end; and how they end
 * with it. Shared; never blocks.
 *
 * <p>A connection is entered first, and its certificate looked at once more then. A certificate is
 * revoked first, and its connections looked for then. So one of the two finds the other.
 */
public final class CertificateConnections implements RevocationListener {

    private static final Logger log = LoggerFactory.getLogger(CertificateConnections.class);

    private final Trust trust;
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

    /** There are none yet. */
    public CertificateConnections(Trust trust, Clock clock) {
        this.trust = trust;
        this.clock = clock;
        this.standing = trust.checkOfConnected(Optional.empty());
    }

    /** Who ends connections; to be said before there are any. */
    public void endBy(Clients present) {
        clients = present;
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
        return endsAuthority
                ? ended.thenCombine(review(standing), (ofThese, ofThoseBelow) -> null)
                : ended;
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

    /** Ends those of certificates that are revoked already. */
    CompletionStage<Void> endOf(Collection<CertificateId> revoked) {
        return all(
                revoked.stream()
                        .flatMap(id -> byCertificate.getOrDefault(id, List.of()).stream())
                        .map(this::expel));
    }

    private static CompletionStage<Void> all(Stream<CompletionStage<Boolean>> endings) {
        return CompletableFuture.allOf(
                endings.map(CompletionStage::toCompletableFuture)
                        .toArray(CompletableFuture<?>[]::new));
    }

    private CompletionStage<Boolean> expel(Entry entry) {
        log.info(
                "connection ends, its certificate is revoked certificate={} client={}",
                entry.certificate(),
                new Quoted(entry.client().clientIdentifier()));
        return ending().expel(entry.client(), true);
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
     * @return complete when those are closed that had to go
     */
    CompletionStage<Void> review(ClientCertificateCheck check) {
        List<CompletionStage<Boolean>> endings = new ArrayList<>();
        for (Entry entry : byEnd) {
            if (check.check(entry.client().origin().certificates())
                    instanceof CertificateVerdict.Refused refused) {
                endings.add(
                        refused.cause().isRevocation()
                                ? expel(entry)
                                : disconnect(entry, "is not trusted: " + refused.cause()));
            }
        }
        return all(endings.stream());
    }
}
