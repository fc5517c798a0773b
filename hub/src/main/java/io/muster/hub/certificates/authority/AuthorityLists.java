package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.ledger.view.LedgerCrlNumbers;
import io.muster.ca.ledger.view.LedgerRevocations;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.CrlPublication;
import java.nio.file.Path;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The revocation lists of all issuers and roots of the hub's authority, whether they still issue or
 * not. Shared by threads. What is published is told from memory; publishing blocks.
 */
public final class AuthorityLists implements CrlPublication {

    private static final Logger log = LoggerFactory.getLogger(AuthorityLists.class);

    private static final Duration MARGIN = Duration.ofMinutes(5);

    private final Hierarchy hierarchy;
    private final AuthoritySetup setup;
    private final AuthorityRecords records;
    private final AuditChain audit;
    private final Clock clock;

    /** Replaced, never changed. */
    private volatile Map<IssuerId, Lists> byIssuer = Map.of();

    /** The lists of one issuer, into how many they are divided, and what they are made from. */
    private record Lists(
            RevocationLists lists, CrlPartitions partitions, LedgerRevocations revocations) {}

    private AuthorityLists(
            Hierarchy hierarchy,
            AuthoritySetup setup,
            AuthorityRecords records,
            AuditChain audit,
            Clock clock) {
        this.hierarchy = hierarchy;
        this.setup = setup;
        this.records = records;
        this.audit = audit;
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
        AuthorityLists lists = new AuthorityLists(hierarchy, setup, records, audit, clock);
        lists.openMissing();
        return lists;
    }

    /**
     * Opens those of roots and issuers that have come since, and publishes them; throws what {@link
     * #open} does.
     */
    synchronized void openMissing() {
        Map<IssuerId, Lists> all = new LinkedHashMap<>(byIssuer);
        for (IssuerId id : hierarchy.certificates().keySet()) {
            if (!all.containsKey(id)) {
                open(id).ifPresent(lists -> all.put(id, lists));
            }
        }
        byIssuer = Collections.unmodifiableMap(all);
    }

    /** Empty of one whose key is destroyed and whose last lists are lost. */
    private Optional<Lists> open(IssuerId id) {
        CrlPartitions partitions = hierarchy.addresses(id).lists();
        LedgerRevocations revocations = new LedgerRevocations(records.crls(), id, partitions);
        CrlIssuer issuer = hierarchy.crlIssuer(id, times(hierarchy, id, setup));
        LedgerCrlNumbers numbers = new LedgerCrlNumbers(records.crls(), id);
        Path folder = setup.lists().resolve(id.toString());
        Optional<RevocationLists> lists =
                hierarchy.isDestroyed(id)
                        ? RevocationLists.openLast(issuer, revocations, numbers, folder, audit)
                        : Optional.of(
                                RevocationLists.open(issuer, revocations, numbers, folder, audit));
        if (lists.isEmpty()) {
            log.warn(
                    "the last revocation lists of an issuer whose key is destroyed are lost, none"
                            + " are served issuer={}",
                    id);
        }
        return lists.map(found -> new Lists(found, partitions, revocations));
    }

    /** For how long the lists of an issuer are good. */
    CrlTimes times(IssuerId id) {
        return times(hierarchy, id, setup);
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

    /** The lists of an issuer; empty if it is none of ours, or has none. */
    public Optional<RevocationLists> of(IssuerId issuer) {
        return Optional.ofNullable(byIssuer.get(issuer)).map(Lists::lists);
    }

    /** What the lists of an issuer are made from; empty if it is none of ours, or has none. */
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

    @Override
    public boolean hasLists(CertificateId id) {
        return issuer(id).filter(this::isRenewed).isPresent();
    }

    /** The issuer, if it is one of ours that has lists. */
    private Optional<IssuerId> issuer(CertificateId id) {
        return id.isExternal()
                ? Optional.empty()
                : byIssuer.keySet().stream()
                        .filter(issuer -> issuer.toString().equals(id.issuer()))
                        .findAny();
    }

    /** One list for all that share it; what one cannot be published for is told of none on it. */
    private void publish(
            IssuerId issuer, List<CertificateId> ids, Map<CertificateId, Long> numbers) {
        Lists of = Objects.requireNonNull(byIssuer.get(issuer));
        Map<Integer, List<CertificateId>> byList =
                ids.stream().collect(Collectors.groupingBy(id -> of.partitions.of(serial(id))));
        byList.values()
                .forEach(
                        some ->
                                tryPublish(issuer, of.lists, serial(some.get(0)))
                                        .ifPresentOrElse(
                                                crl ->
                                                        some.forEach(
                                                                id ->
                                                                        numbers.put(
                                                                                id, crl.number())),
                                                () -> tellLast(issuer, of, some, numbers)));
    }

    /** Those that stand on the last lists of a key that is destroyed; for others there are none. */
    private void tellLast(
            IssuerId issuer,
            Lists last,
            List<CertificateId> ids,
            Map<CertificateId, Long> numbers) {
        if (!hierarchy.isDestroyed(issuer)) {
            return;
        }
        for (CertificateId id : ids) {
            PublishedCrl crl = last.lists.published(last.partitions.of(serial(id)));
            if (crl.contains(serial(id))) {
                numbers.put(id, crl.number());
            }
        }
    }

    /** Empty if there is none, as when the key is destroyed, before or meanwhile. */
    private Optional<PublishedCrl> tryPublish(
            IssuerId issuer, RevocationLists lists, SerialNumber serial) {
        if (hierarchy.isDestroyed(issuer)) {
            return Optional.empty();
        }
        try {
            return Optional.of(lists.publish(serial));
        } catch (RuntimeException e) {
            if (!hierarchy.isDestroyed(issuer)) {
                log.error("not all revocation lists published issuer={}", issuer, e);
            }
            return Optional.empty();
        }
    }

    private static SerialNumber serial(CertificateId id) {
        return SerialNumber.parse(id.serial());
    }

    /**
     * Issues again what is due, and what could not be published before; of issuers that have not
     * expired and whose keys are not destroyed.
     *
     * @return how many lists could not be
     */
    public int reissueDue() {
        return byIssuer.entrySet().stream()
                .filter(each -> isRenewed(each.getKey()))
                .mapToInt(each -> reissueDue(each.getKey(), each.getValue().lists))
                .sum();
    }

    /** Those of a key that is destroyed meanwhile are none that should be. */
    private int reissueDue(IssuerId id, RevocationLists lists) {
        int failed = lists.reissueDue().failed().size();
        return isRenewed(id) ? failed : 0;
    }

    /**
     * Nobody asks for lists of an issuer that has expired, with all that it has issued; and there
     * will be none of one whose key is destroyed.
     */
    boolean isRenewed(IssuerId id) {
        IssuedCertificate certificate = hierarchy.certificates().get(id);
        return certificate != null
                && !hierarchy.isDestroyed(id)
                && !clock.instant().isAfter(certificate.validity().notAfter());
    }

    /**
     * What somebody must see to: lists of which half the time is over, and somewhat more, and that
     * nothing has taken the place of; and those on which something is missing that is revoked. It
     * is told from the lists themselves, whatever has become of those who should issue them.
     *
     * @return a sentence; empty if all is well
     */
    Optional<String> alarm() {
        Instant now = clock.instant();
        return names(each -> each.published().stream().anyMatch(isOld(now)))
                .map(names -> "revocation lists are not renewed: " + names)
                .or(
                        () ->
                                names(RevocationLists::isIncomplete)
                                        .map(
                                                names ->
                                                        "revocation lists lack what was revoked,"
                                                                + " as they cannot be issued: "
                                                                + names));
    }

    private Optional<String> names(Predicate<RevocationLists> some) {
        return byIssuer.entrySet().stream()
                .filter(each -> isRenewed(each.getKey()) && some.test(each.getValue().lists))
                .map(Map.Entry::getKey)
                .map(IssuerId::toString)
                .reduce((one, other) -> one + ", " + other);
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
