package io.muster.ca.ledger;

import io.muster.ca.DeviceUrn;
import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.issuance.CertificateContent;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.pki.Issuers;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Reservations of which no two are alike, so that tests may share a ledger. */
final class LedgerStage {

    static final Instant NOW = Issuers.NOW.truncatedTo(ChronoUnit.MILLIS);
    static final Duration LIFE = Duration.ofDays(30);
    static final int MANY = 1000;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Issuer SIGNER =
            Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
    private static final PublicKey KEY = Issuers.key(KeyKind.EC_P256).publicKey();

    private LedgerStage() {}

    static KeyHash newKey() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return KeyHash.ofDer(bytes);
    }

    static CertificateId newId(IssuerId issuer) {
        return new CertificateId(issuer, SerialNumber.random(RANDOM));
    }

    static Validity until(Instant notAfter) {
        Instant end = notAfter.truncatedTo(ChronoUnit.SECONDS);
        return new Validity(end.minus(LIFE), end);
    }

    /** Of an issuer, for an owner, with a key of its own. */
    static Reservation reservation(IssuerId issuer, Owner owner) {
        return new Reservation(
                newId(issuer),
                kind(owner),
                owner,
                newKey(),
                until(NOW.plus(LIFE)),
                new IssuanceRequest("alice", NOW, null),
                null);
    }

    private static CertificateKind kind(Owner owner) {
        if (owner instanceof Owner.Device) {
            return CertificateKind.DEVICE;
        }
        return owner instanceof Owner.Server ? CertificateKind.SERVER : CertificateKind.ROOT;
    }

    static Reservation withId(Reservation of, CertificateId id) {
        return new Reservation(
                id, of.kind(), of.owner(), of.key(), of.validity(), of.request(), of.renewedFrom());
    }

    static Reservation withKind(Reservation of, CertificateKind kind) {
        return new Reservation(
                of.id(), kind, of.owner(), of.key(), of.validity(), of.request(), of.renewedFrom());
    }

    static Reservation withKey(Reservation of, KeyHash key) {
        return new Reservation(
                of.id(), of.kind(), of.owner(), key, of.validity(), of.request(), of.renewedFrom());
    }

    static Reservation ending(Reservation of, Instant notAfter) {
        return new Reservation(
                of.id(),
                of.kind(),
                of.owner(),
                of.key(),
                until(notAfter),
                of.request(),
                of.renewedFrom());
    }

    static Reservation asked(Reservation of, Instant time, @Nullable String key) {
        return new Reservation(
                of.id(),
                of.kind(),
                of.owner(),
                of.key(),
                of.validity(),
                new IssuanceRequest("alice", time, key),
                of.renewedFrom());
    }

    static Reservation renewing(Reservation of, CertificateId before) {
        return new Reservation(
                of.id(),
                of.kind(),
                of.owner(),
                of.key(),
                of.validity(),
                of.request(),
                before.toString());
    }

    static Revocation revocation(RevocationReason reason) {
        return new Revocation(NOW.plusSeconds(5), reason, "bob");
    }

    /** Any one; the ledger does not look into it. */
    static IssuedCertificate certificate(CertificateId id) {
        return Issuers.issue(
                new CertificateContent(
                        SIGNER,
                        id.serial(),
                        IssuanceProfile.of(CertificateKind.DEVICE),
                        Subject.device(new DeviceUrn("pk", "dk"), "Test"),
                        KEY,
                        until(NOW.plus(LIFE))));
    }

    /** Reserves and records. */
    static CertificateId issue(CertificateLedger ledger, Reservation reservation) {
        Outcome outcome = ledger.reserve(reservation, MANY);
        boolean valid =
                outcome == Outcome.RESERVED
                        && ledger.record(
                                reservation.id(),
                                certificate(reservation.id()),
                                NOW.plusSeconds(1));
        if (!valid) {
            throw new IllegalStateException("not issued: " + outcome);
        }
        return reservation.id();
    }
}
