package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.audit.AuditEvent;
import io.muster.ca.audit.AuditField;
import io.muster.ca.audit.AuditKind;
import io.muster.ca.audit.AuditLog;
import io.muster.ca.audit.AuditUnwritableException;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the authority does, in words of its audit chain. Shared by threads; what does not say
 * otherwise waits for the disk.
 *
 * <p>Nothing is issued that is not in the chain: a certificate is written there before it is valid.
 * But what takes trust away does not wait for the chain: if it cannot be written, that is an error
 * in the log, and the revocation stands.
 */
public final class AuthorityAudit {

    private static final Logger LOG = LoggerFactory.getLogger(AuthorityAudit.class);

    private final AuditLog chain;

    /** Written there. */
    public AuthorityAudit(AuditLog chain) {
        this.chain = chain;
    }

    /** A serial number is taken; durable with the next record. */
    void reserved(Reservation reservation) {
        chain.note(
                of(AuditKind.DECISION, reservation.id())
                        .with(AuditField.OUTCOME, "reserved")
                        .with(AuditField.PROFILE, reservation.kind())
                        .with(AuditField.SUBJECT, reservation.owner())
                        .with(AuditField.PUBLIC_KEY, reservation.key())
                        .with(AuditField.ACTOR, reservation.request().actor()));
    }

    /** A certificate is signed. */
    void issued(Reservation reservation, IssuedCertificate certificate) {
        chain.append(
                of(AuditKind.ISSUANCE, reservation.id())
                        .with(AuditField.PROFILE, reservation.kind())
                        .with(AuditField.SUBJECT, reservation.owner())
                        .with(AuditField.FINGERPRINT, certificate.fingerprint())
                        .with(AuditField.NOT_BEFORE, reservation.validity().notBefore())
                        .with(AuditField.NOT_AFTER, reservation.validity().notAfter())
                        .with(AuditField.ACTOR, reservation.request().actor()));
    }

    /**
     * Somebody does not get the certificate that he asks for. It is durable with the next record:
     * who is refused may ask as often as he likes. It throws nothing.
     *
     * @param owner whom it would have been for
     * @param actor who asked
     */
    public void refused(Owner owner, String actor, RequestRefusedException refusal) {
        try {
            chain.note(
                    AuditEvent.of(AuditKind.DECISION)
                            .with(AuditField.OUTCOME, "refused")
                            .with(AuditField.CODE, refusal.code())
                            .with(AuditField.SUBJECT, owner)
                            .with(AuditField.ACTOR, actor)
                            .with(AuditField.DETAIL, String.valueOf(refusal.getMessage())));
        } catch (AuditUnwritableException e) {
            LOG.error("refusal not in the audit chain code={} owner={}", refusal.code(), owner, e);
        }
    }

    /**
     * Certificates are revoked, or their reason has changed. It throws nothing.
     *
     * @param changed none, and nothing is written
     */
    public void revoked(Collection<CertificateId> changed, Revocation revocation) {
        if (changed.isEmpty()) {
            return;
        }
        try {
            chain.append(
                    changed.stream().map(id -> revoked(id, revocation)).toArray(AuditEvent[]::new));
        } catch (AuditUnwritableException e) {
            LOG.error(
                    "revocation not in the audit chain certificates={} reason={} actor=\"{}\"",
                    changed,
                    revocation.reason(),
                    revocation.actor(),
                    e);
        }
    }

    private static AuditEvent revoked(CertificateId id, Revocation revocation) {
        return of(AuditKind.REVOCATION, id)
                .with(AuditField.REASON, revocation.reason())
                .with(AuditField.ACTOR, revocation.actor());
    }

    /** A key is made, or issues from now on. */
    void key(IssuerId issuer, String outcome) {
        chain.append(
                AuditEvent.of(AuditKind.KEY)
                        .with(AuditField.ISSUER, issuer)
                        .with(AuditField.OUTCOME, outcome));
    }

    /** A key is about to be destroyed; the detail says why that may be. */
    void destroyed(IssuerId issuer, String detail) {
        chain.append(
                AuditEvent.of(AuditKind.KEY)
                        .with(AuditField.ISSUER, issuer)
                        .with(AuditField.OUTCOME, "destroyed")
                        .with(AuditField.DETAIL, detail));
    }

    private static AuditEvent of(AuditKind kind, CertificateId id) {
        return AuditEvent.of(kind)
                .with(AuditField.ISSUER, id.issuer())
                .with(AuditField.SERIAL, id.serial());
    }
}
