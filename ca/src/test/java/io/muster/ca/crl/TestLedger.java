package io.muster.ca.crl;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** What is revoked, and which numbers are taken, in memory; durable as long as a test goes on. */
final class TestLedger implements RevokedCertificates, CrlNumbers {

    private final CrlPartitions partitions;
    final Map<SerialNumber, RevokedCertificate> revoked = new ConcurrentHashMap<>();
    final Map<Integer, Long> numbers = new ConcurrentHashMap<>();

    TestLedger(CrlPartitions partitions) {
        this.partitions = partitions;
    }

    /** As it was, in another object: what a backup has. */
    TestLedger copy() {
        TestLedger copy = new TestLedger(partitions);
        copy.revoked.putAll(revoked);
        copy.numbers.putAll(numbers);
        return copy;
    }

    void revoke(SerialNumber serial, Instant at, RevocationReason reason, Instant notAfter) {
        revoked.put(serial, new RevokedCertificate(serial, at, reason, notAfter));
    }

    @Override
    public List<RevokedCertificate> expiringFrom(int partition, Instant since) {
        return revoked.values().stream()
                .filter(one -> partitions.of(one.serial()) == partition)
                .filter(one -> !one.notAfter().isBefore(since))
                .collect(Collectors.toList());
    }

    @Override
    public Set<SerialNumber> known(Collection<SerialNumber> serials) {
        return serials.stream().filter(revoked::containsKey).collect(Collectors.toSet());
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
