package io.muster.ca.authority;

import io.muster.ca.KeyHash;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import io.muster.ca.issuance.CertificateContent;
import io.muster.ca.issuance.CertificateIssuer;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.PreparedCertificate;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CertificateLedger.Outcome;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order of steps in which each certificate is issued: looked at with a throwaway key, serial
 * number reserved, signed, looked at again, recorded. Wherever a process ends between two of them,
 * no certificate that somebody has got is missing in the ledger, and what may have been signed
 * without being recorded is revoked ({@link #abandonReserved}). Shared by threads; it blocks.
 */
public final class Issuance {

    private static final Logger LOG = LoggerFactory.getLogger(Issuance.class);

    /** Of 2<sup>63</sup> numbers; a second collision in a row means that something is broken. */
    private static final int ATTEMPTS = 3;

    private static final int ABANDONED_AT_ONCE = 500;

    /** Who revokes what was not recorded. */
    private static final String ACTOR = "ca";

    private final CertificateIssuer certificates;
    private final CertificateLedger ledger;
    private final SecureRandom random;
    private final Clock clock;

    /** Serial numbers are made of these bits. */
    public Issuance(CertificateLedger ledger, SecureRandom random, Clock clock) {
        this.certificates = new CertificateIssuer(random);
        this.ledger = ledger;
        this.random = random;
        this.clock = clock;
    }

    /**
     * Issues a certificate, or finds the one that was issued for the same order.
     *
     * @throws RequestRefusedException if it is not issued; nothing is valid that was not before
     */
    LedgerEntry issue(Issuer issuer, CertificateOrder order) {
        KeyHash key = KeyHash.of(order.key());
        Optional<LedgerEntry> earlier = findEarlier(order, key);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        Instant now = clock.instant();
        requireValid(issuer, now);
        Validity validity = order.profile().validity(now, order.life());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            PreparedCertificate prepared = prepare(issuer, order, validity);
            Reservation reservation = reservation(prepared.content(), order, key, now);
            Outcome outcome = ledger.reserve(reservation);
            if (outcome == Outcome.RESERVED) {
                return sign(prepared, reservation);
            }
            if (outcome == Outcome.ALREADY_REQUESTED) {
                return findEarlier(order, key).orElseThrow(Issuance::underWay);
            }
            requireSerialTaken(outcome);
        }
        throw new IllegalStateException(
                ATTEMPTS
                        + " random serial numbers of issuer "
                        + issuer.id()
                        + " were given before");
    }

    private Optional<LedgerEntry> findEarlier(CertificateOrder order, KeyHash key) {
        if (order.requestKey() == null) {
            return Optional.empty();
        }
        Optional<LedgerEntry> earlier = ledger.findRequest(order.owner(), key, order.requestKey());
        if (earlier.isPresent() && earlier.get().certificate() == null) {
            throw underWay();
        }
        return earlier;
    }

    /**
     * Revokes what was reserved for the same order and not recorded, as the process has ended that
     * did so: only for whoever knows that no other one is at it.
     */
    void abandonUnfinished(CertificateOrder order) {
        String requestKey = order.requestKey();
        if (requestKey != null) {
            ledger.findRequest(order.owner(), KeyHash.of(order.key()), requestKey)
                    .filter(entry -> entry.status() == LedgerEntry.Status.RESERVED)
                    .ifPresent(entry -> revokeUnlessRecorded(entry.id()));
        }
    }

    /** Whether the ledger knows a certificate as revoked. */
    boolean isRevoked(CertificateId id) {
        return ledger.find(id).filter(entry -> entry.revocation() != null).isPresent();
    }

    private static RequestRefusedException underWay() {
        return new RequestRefusedException(
                RefusalCode.REQUEST_UNDER_WAY, "the same was asked for before and is under way");
    }

    private static void requireValid(Issuer issuer, Instant now) {
        if (!issuer.isValid(now)) {
            throw new RequestRefusedException(
                    RefusalCode.ISSUER_UNAVAILABLE,
                    "the certificate of issuer " + issuer.id() + " is not valid now");
        }
    }

    private PreparedCertificate prepare(Issuer issuer, CertificateOrder order, Validity validity) {
        SerialNumber serial = SerialNumber.random(random);
        try {
            return certificates.prepare(
                    new CertificateContent(
                            issuer,
                            serial,
                            order.profile(),
                            order.subject(),
                            order.key(),
                            validity));
        } catch (KeyUnusableException unusable) {
            throw unavailable(issuer, unusable);
        }
    }

    private static RequestRefusedException unavailable(Issuer issuer, Exception cause) {
        return new RequestRefusedException(
                RefusalCode.ISSUER_UNAVAILABLE,
                "issuer " + issuer.id() + " does not sign: " + cause.getMessage(),
                cause);
    }

    private static Reservation reservation(
            CertificateContent content, CertificateOrder order, KeyHash key, Instant now) {
        return new Reservation(
                new CertificateId(content.issuer().id(), content.serial()),
                content.profile().kind(),
                order.owner(),
                key,
                content.validity(),
                order.requestKey(),
                order.renewedFrom(),
                now);
    }

    private static void requireSerialTaken(Outcome outcome) {
        switch (outcome) {
            case SERIAL_TAKEN -> {}
            case KEY_OF_ANOTHER ->
                    throw new RequestRefusedException(
                            RefusalCode.KEY_REUSED, "the key is in a certificate of another owner");
            case KEY_COMPROMISED ->
                    throw new RequestRefusedException(
                            RefusalCode.KEY_COMPROMISED,
                            "the key was revoked since others know it; take a new one");
            case NOT_RENEWABLE ->
                    throw new RequestRefusedException(
                            RefusalCode.NOT_AUTHENTICATED,
                            "the certificate by which it is renewed is not valid any more");
            case RESERVED, ALREADY_REQUESTED -> throw new IllegalStateException(outcome.name());
        }
    }

    /** If it cannot be told whether it is recorded, it stays as it is until it is abandoned. */
    private LedgerEntry sign(PreparedCertificate prepared, Reservation reservation) {
        IssuedCertificate certificate;
        try {
            certificate = certificates.issue(prepared);
        } catch (KeyUnusableException unusable) {
            abandon(reservation.id());
            throw unavailable(prepared.content().issuer(), unusable);
        } catch (RuntimeException faulty) {
            abandon(reservation.id());
            throw faulty;
        }
        ledger.record(reservation.id(), certificate);
        return new LedgerEntry(reservation, certificate, null);
    }

    private void abandon(CertificateId id) {
        try {
            revokeUnlessRecorded(id);
        } catch (RuntimeException later) {
            LOG.warn("serial number stays reserved until the next look: certificate={}", id, later);
        }
    }

    private void revokeUnlessRecorded(CertificateId id) {
        ledger.abandon(id, new Revocation(clock.instant(), RevocationReason.UNSPECIFIED, ACTOR));
    }

    /**
     * Revokes what was reserved before that time and not recorded, as it may have been signed, and
     * the certificate may have left the process that ended. To be called at the start, and from
     * time to time, with a time before which no process that still runs has begun to sign.
     *
     * @return how many there were
     */
    public int abandonReserved(Instant before) {
        int abandoned = 0;
        List<LedgerEntry> some = ledger.findReserved(before, ABANDONED_AT_ONCE);
        while (!some.isEmpty()) {
            for (LedgerEntry entry : some) {
                revokeUnlessRecorded(entry.id());
                LOG.warn("revoked, unless it is recorded by now: certificate={}", entry.id());
            }
            abandoned += some.size();
            some = ledger.findReserved(before, ABANDONED_AT_ONCE);
        }
        return abandoned;
    }
}
