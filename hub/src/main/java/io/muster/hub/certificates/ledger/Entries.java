package io.muster.hub.certificates.ledger;

import io.muster.ca.Validity;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.ledger.IssuanceRequest;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import java.util.Optional;

/** Entries of the ledger as rows of the registry, and the other way round. */
final class Entries {

    private Entries() {}

    static io.muster.devices.certificate.Reservation registered(Reservation reservation) {
        IssuanceRequest request = reservation.request();
        return new io.muster.devices.certificate.Reservation(
                Names.registered(reservation.id()),
                Names.registered(reservation.kind()),
                Names.registered(reservation.owner()),
                Names.registered(reservation.key()),
                new io.muster.devices.certificate.Validity(
                        reservation.validity().notBefore(), reservation.validity().notAfter()),
                new io.muster.devices.certificate.IssuanceRequest(
                        request.actor(),
                        request.time(),
                        Optional.ofNullable(request.key()),
                        Optional.ofNullable(request.replaces()).map(CertificateId::parse)),
                Optional.ofNullable(reservation.renewedFrom()).map(CertificateId::parse));
    }

    static Reservation issued(io.muster.devices.certificate.Reservation row) {
        io.muster.devices.certificate.IssuanceRequest request = row.request();
        return new Reservation(
                Names.issued(row.id()),
                Names.issued(row.kind()),
                Names.issued(row.owner()),
                Names.issued(row.publicKey()),
                new Validity(row.validity().notBefore(), row.validity().notAfter()),
                new IssuanceRequest(
                        request.actor(),
                        request.at(),
                        request.idempotencyKey().orElse(null),
                        request.replaces().map(CertificateId::toString).orElse(null)),
                row.renews().map(CertificateId::toString).orElse(null));
    }

    static io.muster.devices.certificate.Revocation registered(Revocation revocation) {
        return new io.muster.devices.certificate.Revocation(
                revocation.time(), revocation.reason().code(), revocation.actor());
    }

    static Revocation issued(io.muster.devices.certificate.Revocation row) {
        return new Revocation(row.at(), Names.reason(row.reason()), row.actor());
    }

    static Outcome outcome(CertificateId id, CertificateRefusal refusal) {
        return switch (refusal) {
            case DEVICE_UNKNOWN -> Outcome.OWNER_UNKNOWN;
            case DEVICE_DISABLED -> Outcome.OWNER_DISABLED;
            case SERIAL_NUMBER_TAKEN -> Outcome.SERIAL_TAKEN;
            case ALREADY_REQUESTED -> Outcome.ALREADY_REQUESTED;
            case NOT_RENEWABLE -> Outcome.NOT_RENEWABLE;
            case TOO_MANY -> Outcome.LIMIT_REACHED;
            case KEY_OF_ANOTHER -> Outcome.KEY_OF_ANOTHER;
            case KEY_COMPROMISED -> Outcome.KEY_COMPROMISED;
            case CERTIFICATE_KNOWN ->
                    throw new IllegalStateException(
                            id + " was refused as if another authority had issued it");
        };
    }
}
