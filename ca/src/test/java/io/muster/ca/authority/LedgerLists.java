package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.CrlNumbers;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.crl.RevokedCertificates;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Revocation;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** What the lists of an issuer are made of, as a ledger in memory has it. */
final class LedgerLists implements RevokedCertificates, CrlNumbers {

    private final InMemoryLedger ledger;
    private final IssuerId issuer;
    private final CrlPartitions partitions;
    private final Map<Integer, Long> numbers = new ConcurrentHashMap<>();

    LedgerLists(InMemoryLedger ledger, IssuerId issuer, CrlPartitions partitions) {
        this.ledger = ledger;
        this.issuer = issuer;
        this.partitions = partitions;
    }

    @Override
    public List<RevokedCertificate> expiringFrom(int partition, Instant since) {
        return ledger.findRevoked(issuer, null, Integer.MAX_VALUE).stream()
                .filter(entry -> partitions.of(entry.id().serial()) == partition)
                .filter(entry -> !entry.reservation().validity().notAfter().isBefore(since))
                .map(LedgerLists::revoked)
                .toList();
    }

    private static RevokedCertificate revoked(LedgerEntry entry) {
        Revocation revocation = Objects.requireNonNull(entry.revocation());
        return new RevokedCertificate(
                entry.id().serial(),
                revocation.time(),
                revocation.reason(),
                entry.reservation().validity().notAfter());
    }

    @Override
    public Set<SerialNumber> known(Collection<SerialNumber> serials) {
        return ledger.findRevoked(issuer, null, Integer.MAX_VALUE).stream()
                .map(entry -> entry.id().serial())
                .filter(serials::contains)
                .collect(Collectors.toSet());
    }

    @Override
    public long last(int partition) {
        return numbers.getOrDefault(partition, 0L);
    }

    @Override
    public long next(int partition) {
        return numbers.merge(partition, 1L, Long::sum);
    }
}
