package io.muster.hub.certificates.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CrlLedger;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.ListedRevocation;
import io.muster.devices.registry.certificates.CertificateRevocations;
import java.util.Collection;
import java.util.List;

/**
 * What the registry keeps for the CRLs of the authority. Shared; each method blocks, and throws
 * {@link RegistryUnavailableException} if the registry does not answer.
 */
public final class RegistryCrls implements CrlLedger {

    private final CertificateRevocations revocations;

    /** In these tables. */
    public RegistryCrls(CertificateRevocations revocations) {
        this.revocations = revocations;
    }

    @Override
    public List<Listed> revoked(IssuerId issuer, Position after, int limit) {
        return revocations
                .list(
                        issuer.toString(),
                        new io.muster.devices.certificate.RevokedCertificate.Position(
                                after.number(), after.serial()),
                        limit)
                .stream()
                .map(RegistryCrls::listed)
                .toList();
    }

    private static Listed listed(io.muster.devices.certificate.RevokedCertificate row) {
        return new Listed(
                new Position(row.position().number(), row.position().serial()),
                new RevokedCertificate(
                        SerialNumber.parse(row.serial()),
                        row.at(),
                        Names.reason(row.reason()),
                        row.notAfter()));
    }

    @Override
    public long lastNumber(IssuerId issuer, int partition) {
        return revocations.lastCrlNumber(issuer.toString(), partition);
    }

    @Override
    public long nextNumber(IssuerId issuer, int partition) {
        return revocations.nextCrlNumber(issuer.toString(), partition);
    }

    @Override
    public long raiseNumber(IssuerId issuer, int partition, long published) {
        return revocations.raiseCrlNumber(issuer.toString(), partition, published);
    }

    @Override
    public List<CertificateId> adopt(
            IssuerId issuer, Collection<RevokedCertificate> certificates, String actor) {
        return revocations
                .adopt(
                        issuer.toString(),
                        certificates.stream().map(RegistryCrls::registered).toList(),
                        actor)
                .stream()
                .map(Names::issued)
                .toList();
    }

    private static ListedRevocation registered(RevokedCertificate certificate) {
        return new ListedRevocation(
                certificate.serial().toString(),
                certificate.revokedAt(),
                certificate.reason().code(),
                certificate.notAfter());
    }
}
