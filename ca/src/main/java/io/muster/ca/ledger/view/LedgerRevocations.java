package io.muster.ca.ledger.view;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.crl.RevokedCertificates;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CrlLedger;
import io.muster.ca.ledger.CrlLedger.Listed;
import io.muster.ca.ledger.CrlLedger.Position;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Who is revoked of an issuer, by the partitions of its CRLs: in memory, at 33 to 66 bytes for
 * each, so that a CRL of one partition takes no reading of all others. Each question first reads
 * what has become durable since the one before. Shared by threads; blocks.
 */
public final class LedgerRevocations implements RevokedCertificates {

    private final CrlLedger ledger;
    private final IssuerId issuer;
    private final CrlPartitions partitions;
    private final List<RevokedPartition> revoked;
    private Position position = Position.BEGIN;

    /** Of an issuer with these partitions; the ledger is read with the first question. */
    public LedgerRevocations(CrlLedger ledger, IssuerId issuer, CrlPartitions partitions) {
        this.ledger = ledger;
        this.issuer = issuer;
        this.partitions = partitions;
        this.revoked =
                IntStream.range(0, partitions.count())
                        .mapToObj(partition -> new RevokedPartition())
                        .toList();
    }

    @Override
    public synchronized List<RevokedCertificate> expiringFrom(int partition, Instant since) {
        catchUp();
        return revoked.get(partition).expiringFrom(since);
    }

    @Override
    public synchronized Set<SerialNumber> known(Collection<SerialNumber> serials) {
        catchUp();
        return serials.stream()
                .filter(serial -> of(serial).find(serial).isPresent())
                .collect(Collectors.toSet());
    }

    /** What is known of a certificate that is revoked, now. */
    public synchronized Optional<RevokedCertificate> find(SerialNumber serial) {
        catchUp();
        return of(serial).find(serial);
    }

    private RevokedPartition of(SerialNumber serial) {
        return revoked.get(partitions.of(serial));
    }

    private void catchUp() {
        List<Listed> page;
        do {
            page = ledger.revoked(issuer, position, CertificateLedger.PAGE_MAX);
            for (Listed listed : page) {
                of(listed.certificate().serial()).put(listed.certificate());
                position = listed.position();
            }
        } while (page.size() == CertificateLedger.PAGE_MAX);
    }
}
