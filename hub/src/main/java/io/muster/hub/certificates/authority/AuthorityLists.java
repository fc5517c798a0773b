package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.ledger.view.LedgerCrlNumbers;
import io.muster.ca.ledger.view.LedgerRevocations;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.CrlPublication;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revocation lists of all issuers and roots of the hub's authority, whether they still issue or
 * not. Shared by threads. What is published is told from memory; publishing blocks.
 */
public final class AuthorityLists implements CrlPublication {

    private static final Logger log = LoggerFactory.getLogger(AuthorityLists.class);

    private static final Duration MARGIN = Duration.ofMinutes(5);

    private final Map<IssuerId, Lists> byIssuer;
    private final Clock clock;

    /** The lists of one issuer, into how many they are divided, and what they are made from. */
    private record Lists(
            RevocationLists lists, CrlPartitions partitions, LedgerRevocations revocations) {}

    private AuthorityLists(Map<IssuerId, Lists> byIssuer, Clock clock) {
        this.byIssuer = Collections.unmodifiableMap(byIssuer);
        this.clock = clock;
    }

    /**
     * Reads what was published, and publishes what is missing.
     *
     * @throws io.muster.ca.crl.CrlRollbackException if the registry is behind what is published
     * @throws io.muster.ca.crl.CrlUnpublishedException if there is nothing to serve for an issuer
     */
    static AuthorityLists open(
            Hierarchy hierarchy,
            AuthoritySetup setup,
            AuthorityRecords records,
            AuditChain audit,
            Clock clock) {
        Map<IssuerId, Lists> opened = new LinkedHashMap<>();
        for (IssuerId id : hierarchy.certificates().keySet()) {
            CrlPartitions partitions = hierarchy.addresses(id).lists();
            LedgerRevocations revocations = new LedgerRevocations(records.crls(), id, partitions);
            RevocationLists lists =
                    RevocationLists.open(
                            hierarchy.crlIssuer(id, times(hierarchy, id, setup)),
                            revocations,
                            new LedgerCrlNumbers(records.crls(), id),
                            setup.lists().resolve(id.toString()),
                            audit);
            opened.put(id, new Lists(lists, partitions, revocations));
        }
        return new AuthorityLists(opened, clock);
    }

    /** The key of a root may be elsewhere, so its list is good for longer. */
    static CrlTimes times(Hierarchy hierarchy, IssuerId id, AuthoritySetup setup) {
        return hierarchy.addresses(id).lists().isComplete()
                ? CrlTimes.OFFLINE_ROOT
                : setup.config().lists().times();
    }

    /** Whose lists these are, the roots among them. */
    public Collection<IssuerId> issuers() {
        return byIssuer.keySet();
    }

    /** The lists of an issuer; empty if it is none of ours. */
    public Optional<RevocationLists> of(IssuerId issuer) {
        return Optional.ofNullable(byIssuer.get(issuer)).map(Lists::lists);
    }

    /** What the lists of an issuer are made from; empty if it is none of ours. */
    public Optional<LedgerRevocations> revocations(IssuerId issuer) {
        return Optional.ofNullable(byIssuer.get(issuer)).map(Lists::revocations);
    }

    /** What is published for a partition of an issuer; 0 for the one list of a root. */
    public Optional<PublishedCrl> published(IssuerId issuer, int partition) {
        return Optional.ofNullable(byIssuer.get(issuer))
                .filter(found -> partition >= 0 && partition < found.partitions.count())
                .map(found -> found.lists.published(partition));
    }

    /** All that is published. */
    public List<PublishedCrl> published(IssuerId issuer) {
        Lists found = byIssuer.get(issuer);
        return found == null ? List.of() : found.lists.published();
    }

    @Override
    public Map<CertificateId, Long> publish(Collection<CertificateId> revoked) {
        Map<IssuerId, List<CertificateId>> groups = new LinkedHashMap<>();
        for (CertificateId id : revoked) {
            issuer(id)
                    .ifPresent(
                            issuer ->
                                    groups.computeIfAbsent(issuer, any -> new ArrayList<>())
                                            .add(id));
        }
        Map<CertificateId, Long> numbers = new HashMap<>();
        groups.forEach((issuer, ids) -> publish(issuer, ids, numbers));
        return numbers;
    }

    /** The issuer, if it is one of ours that has lists. */
    private Optional<IssuerId> issuer(CertificateId id) {
        return id.isExternal()
                ? Optional.empty()
                : byIssuer.keySet().stream()
                        .filter(issuer -> issuer.toString().equals(id.issuer()))
                        .findAny();
    }

    private void publish(
            IssuerId issuer, List<CertificateId> ids, Map<CertificateId, Long> numbers) {
        Lists of = Objects.requireNonNull(byIssuer.get(issuer));
        boolean all =
                tryPublish(issuer, of.lists, ids.stream().map(AuthorityLists::serial).toList());
        for (CertificateId id : ids) {
            SerialNumber serial = serial(id);
            PublishedCrl crl = of.lists.published(of.partitions.of(serial));
            // One that had expired before is on no list, and is not good on any.
            if (all || crl.contains(serial)) {
                numbers.put(id, crl.number());
            }
        }
    }

    private static boolean tryPublish(
            IssuerId issuer, RevocationLists lists, List<SerialNumber> serials) {
        try {
            lists.publish(serials);
            return true;
        } catch (RuntimeException e) {
            log.error("not all revocation lists published issuer={}", issuer, e);
            return false;
        }
    }

    private static SerialNumber serial(CertificateId id) {
        return SerialNumber.parse(id.serial());
    }

    /**
     * Issues again what is due, and what could not be published before.
     *
     * @return how many lists could not be
     */
    public int reissueDue() {
        int failed = 0;
        for (Lists each : byIssuer.values()) {
            failed += each.lists.reissueDue().failed().size();
        }
        return failed;
    }

    /**
     * What somebody must see to: lists of which half the time is over, and somewhat more, and that
     * nothing has taken the place of. It is told from the lists themselves, whatever has become of
     * those who should issue them.
     *
     * @return a sentence; empty if all is well
     */
    Optional<String> alarm() {
        Instant now = clock.instant();
        return byIssuer.entrySet().stream()
                .filter(each -> each.getValue().lists.published().stream().anyMatch(isOld(now)))
                .map(Map.Entry::getKey)
                .map(IssuerId::toString)
                .reduce((some, other) -> some + ", " + other)
                .map(names -> "revocation lists are not renewed: " + names);
    }

    private static Predicate<PublishedCrl> isOld(Instant now) {
        return crl -> {
            Duration half = Duration.between(crl.issuedAt(), crl.nextUpdate()).dividedBy(2);
            // Where they are due at half, they are issued again somewhat later.
            Duration some = half.dividedBy(10);
            Duration margin = some.compareTo(MARGIN) < 0 ? some : MARGIN;
            return now.isAfter(crl.nextUpdate().minus(half).plus(margin));
        };
    }
}
