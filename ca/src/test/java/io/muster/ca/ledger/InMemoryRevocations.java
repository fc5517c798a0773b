package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.ledger.CrlLedger.Listed;
import io.muster.ca.ledger.CrlLedger.Position;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Revocations in the order in which they came. */
final class InMemoryRevocations {

    private static final Comparator<Position> ORDER =
            Comparator.comparing(Position::number).thenComparing(Position::serial);

    private final Map<IssuerId, TreeMap<Position, RevokedCertificate>> listed = new HashMap<>();
    private final Map<CertificateId, Position> positions = new HashMap<>();
    private long number;

    /** Together; one that is there comes to the end. */
    void add(List<LedgerEntry> entries) {
        number++;
        for (LedgerEntry entry : entries) {
            Revocation revocation = Objects.requireNonNull(entry.revocation());
            put(
                    entry.id().issuer(),
                    new RevokedCertificate(
                            entry.id().serial(),
                            revocation.time(),
                            revocation.reason(),
                            entry.reservation().validity().notAfter()));
        }
    }

    void add(IssuerId issuer, RevokedCertificate certificate) {
        number++;
        put(issuer, certificate);
    }

    private void put(IssuerId issuer, RevokedCertificate certificate) {
        TreeMap<Position, RevokedCertificate> of =
                listed.computeIfAbsent(issuer, any -> new TreeMap<>(ORDER));
        Position position = new Position(number, certificate.serial().toString());
        Position before = positions.put(new CertificateId(issuer, certificate.serial()), position);
        if (before != null) {
            of.remove(before);
        }
        of.put(position, certificate);
    }

    List<Listed> list(IssuerId issuer, Position after, int limit) {
        TreeMap<Position, RevokedCertificate> of =
                listed.getOrDefault(issuer, new TreeMap<>(ORDER));
        return of.tailMap(after, false).entrySet().stream()
                .limit(limit)
                .map(each -> new Listed(each.getKey(), each.getValue()))
                .toList();
    }
}
