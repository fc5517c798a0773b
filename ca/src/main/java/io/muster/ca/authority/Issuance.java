package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
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
import io.muster.ca.ledger.IssuanceRequest;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The order of steps in which each certificate is issued: looked at with a throwaway key, serial
 * number reserved, signed, looked at again, written to the audit chain, recorded. Wherever a
 * process ends between two of them, no certificate that somebody has got is missing in the ledger,
 * and what may have been signed without being recorded is revoked ({@link #abandonReserved}).
 * Shared by threads; it blocks.
 */
public final class Issuance {

    private static final Logger LOG = LoggerFactory.getLogger(Issuance.class);

    /** Of 2<sup>63</sup> numbers; a second collision in a row means that something is broken. */
    private static final int ATTEMPTS = 3;

    /** Who revokes what was not recorded. */
    private static final String ACTOR = "ca";

    private final CertificateIssuer certificates;
    private final CertificateLedger ledger;
    private final AuthorityAudit audit;
    private final SecureRandom random;
    private final Clock clock;

    /** Serial numbers are made of these bits. */
    public Issuance(
            CertificateLedger ledger, AuthorityAudit audit, SecureRandom random, Clock clock) {
        this.certificates = new CertificateIssuer(random);
        this.ledger = ledger;
        this.audit = audit;
        this.random = random;
        this.clock = clock;
    }

    /**
     * Issues a certificate by an issuer that cannot be revoked meanwhile, or finds the one that was
     * issued for the same order and is neither revoked nor expired.
     *
     * @throws RequestRefusedException if it is not issued; nothing is valid that was not before
     */
    LedgerEntry issue(Issuer issuer, CertificateOrder order) {
        return issue(issuer, order, any -> true);
    }

    /**
     * Issues a certificate, or finds the one that was issued for the same order and is neither
     * revoked nor expired.
     *
     * @param standing whether what an issuer has issued is taken: what one had issued for the order
     *     of which that is not so is revoked, and another one issued
     * @throws RequestRefusedException if it is not issued; nothing is valid that was not before
     */
    LedgerEntry issue(Issuer issuer, CertificateOrder order, Predicate<IssuerId> standing) {
        try {
            LedgerEntry issued = tryToIssue(issuer, order, standing);
            requireStanding(issued.id(), standing);
            return issued;
        } catch (RequestRefusedException refused) {
            audit.refused(order.owner(), order.actor(), refused);
            throw refused;
        }
    }

    private LedgerEntry tryToIssue(
            Issuer issuer, CertificateOrder order, Predicate<IssuerId> standing) {
        Instant now = clock.instant();
        Optional<LedgerEntry> earlier = findEarlier(issuer, order, now);
        if (earlier.isPresent() && standing.test(earlier.get().id().issuer())) {
            return earlier.get();
        }
        // Of no use any more; another one takes its place.
        earlier.ifPresent(entry -> end(entry.id(), RevocationReason.SUPERSEDED));
        requireValid(issuer, now);
        Validity validity = order.profile().validity(now, order.life());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            PreparedCertificate prepared = prepare(issuer, order, validity);
            Reservation reservation = reservation(prepared.content(), order, now);
            Outcome outcome = ledger.reserve(reservation, order.liveMax());
            if (outcome == Outcome.RESERVED) {
                return sign(prepared, reservation);
            }
            if (outcome == Outcome.ALREADY_REQUESTED) {
                return findEarlier(issuer, order, now).orElseThrow(Issuance::underWay);
            }
            if (outcome != Outcome.SERIAL_TAKEN) {
                throw refusal(outcome, order);
            }
        }
        throw new IllegalStateException(
                ATTEMPTS
                        + " random serial numbers of issuer "
                        + issuer.id()
                        + " were given before");
    }

    /**
     * Whoever revokes an issuer revokes what he finds recorded by then; this was recorded, so one
     * of the two sees the other.
     */
    private void requireStanding(CertificateId issued, Predicate<IssuerId> standing) {
        if (!standing.test(issued.issuer())) {
            end(issued, RevocationReason.UNSPECIFIED);
            throw new RequestRefusedException(
                    RefusalCode.REVOKED_MEANWHILE,
                    "issuer "
                            + issued.issuer()
                            + " was revoked or retired while the certificate was made");
        }
    }

    private void end(CertificateId id, RevocationReason reason) {
        Revocation revocation = new Revocation(clock.instant(), reason, ACTOR);
        ledger.revoke(id, revocation).ifPresent(done -> audit.revoked(done.changed(), revocation));
    }

    /** Of another generation of the same authority it may be. */
    private Optional<LedgerEntry> findEarlier(Issuer issuer, CertificateOrder order, Instant now) {
        Optional<LedgerEntry> earlier = findRequest(order, now);
        if (earlier.isEmpty()) {
            return earlier;
        }
        Reservation reservation = earlier.get().reservation();
        boolean isSame =
                reservation.kind() == order.profile().kind()
                        && reservation.id().issuer().authority().equals(issuer.id().authority());
        if (!isSame) {
            throw new RequestRefusedException(
                    RefusalCode.REQUEST_KEY_REUSED,
                    "the same was asked for before of authority "
                            + reservation.id().issuer().authority()
                            + ", as a certificate of a "
                            + reservation.kind());
        }
        if (earlier.get().certificate() == null) {
            throw underWay();
        }
        return earlier;
    }

    private Optional<LedgerEntry> findRequest(CertificateOrder order, Instant now) {
        String requestKey = order.requestKey();
        return requestKey == null
                ? Optional.empty()
                : ledger.findRequest(order.owner(), order.keyHash(), requestKey, now);
    }

    /**
     * Revokes what was reserved for the same order and not recorded, as the process has ended that
     * did so: only for whoever knows that no other one is at it.
     */
    void abandonUnfinished(CertificateOrder order) {
        findRequest(order, clock.instant())
                .filter(entry -> entry.status() == LedgerEntry.Status.RESERVED)
                .ifPresent(entry -> revokeUnlessRecorded(entry.id()));
    }

    /** Whether what was issued for that order is revoked by now. */
    boolean wasRevoked(CertificateOrder order) {
        return ledger.findByKey(order.keyHash(), CertificateLedger.PAGE_MAX).stream()
                .filter(entry -> entry.certificate() != null && entry.revocation() != null)
                .anyMatch(
                        entry ->
                                Objects.equals(
                                        entry.reservation().request().key(), order.requestKey()));
    }

    /** A certificate of an owner that is valid, or being signed, if there is any. */
    Optional<CertificateId> findLive(Owner owner) {
        return ledger.findLive(owner, clock.instant(), 1).stream().map(LedgerEntry::id).findFirst();
    }

    /** What is done is written there. */
    AuthorityAudit audit() {
        return audit;
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
            CertificateContent content, CertificateOrder order, Instant now) {
        return new Reservation(
                new CertificateId(content.issuer().id(), content.serial()),
                content.profile().kind(),
                order.owner(),
                order.keyHash(),
                content.validity(),
                new IssuanceRequest(order.actor(), now, order.requestKey(), order.replaces()),
                order.renewedFrom());
    }

    private static RequestRefusedException refusal(Outcome outcome, CertificateOrder order) {
        return switch (outcome) {
            case OWNER_UNKNOWN ->
                    new RequestRefusedException(
                            RefusalCode.DEVICE_UNKNOWN, "there is no " + order.owner());
            case OWNER_DISABLED ->
                    new RequestRefusedException(
                            RefusalCode.DEVICE_DISABLED,
                            order.owner() + " is disabled; it gets no certificate until enabled");
            case LIMIT_REACHED ->
                    new RequestRefusedException(
                            RefusalCode.CERT_LIMIT,
                            order.owner()
                                    + " has as many certificates as it may have, "
                                    + order.liveMax()
                                    + "; one of them must be revoked or expire before");
            case NOT_RENEWABLE ->
                    new RequestRefusedException(
                            RefusalCode.NOT_RENEWABLE,
                            "the certificate by which it is renewed is revoked or expired, or"
                                    + " somebody else's");
            case KEY_OF_ANOTHER ->
                    new RequestRefusedException(
                            RefusalCode.KEY_REUSED, "the key is in a certificate of another owner");
            case KEY_COMPROMISED ->
                    new RequestRefusedException(
                            RefusalCode.KEY_COMPROMISED,
                            "the key was revoked since others know it; take a new one");
            case RESERVED, ALREADY_REQUESTED, SERIAL_TAKEN ->
                    throw new IllegalStateException(outcome.name());
        };
    }

    /** If it cannot be told whether it is recorded, it stays as it is until it is abandoned. */
    private LedgerEntry sign(PreparedCertificate prepared, Reservation reservation) {
        IssuedCertificate certificate;
        try {
            audit.reserved(reservation);
            certificate = certificates.issue(prepared);
            audit.issued(reservation, certificate);
        } catch (KeyUnusableException unusable) {
            abandon(reservation.id());
            throw unavailable(prepared.content().issuer(), unusable);
        } catch (RuntimeException faulty) {
            abandon(reservation.id());
            throw faulty;
        }
        if (!ledger.record(reservation.id(), certificate, clock.instant())) {
            throw new RequestRefusedException(
                    RefusalCode.REVOKED_MEANWHILE,
                    "the certificate was revoked while it was made; its owner, its key or the"
                            + " certificate that it renews is not good any more");
        }
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
        Revocation revocation = abandonment();
        if (ledger.abandon(id, revocation)) {
            audit.revoked(List.of(id), revocation);
        }
    }

    private Revocation abandonment() {
        return new Revocation(clock.instant(), RevocationReason.UNSPECIFIED, ACTOR);
    }

    /**
     * Revokes what was reserved before that time and not recorded, as it may have been signed, and
     * the certificate may have left the process that ended. To be called at the start, and from
     * time to time, with a time before which no process that still runs has begun to sign.
     *
     * @return which these were
     */
    public List<CertificateId> abandonReserved(Instant before) {
        List<CertificateId> all = new ArrayList<>();
        List<CertificateId> some;
        do {
            Revocation revocation = abandonment();
            some = ledger.abandonReserved(before, revocation, CertificateLedger.STEP_MAX);
            some.forEach(id -> LOG.warn("revoked, as it was not recorded: certificate={}", id));
            audit.revoked(some, revocation);
            all.addAll(some);
        } while (!some.isEmpty());
        return all;
    }
}
