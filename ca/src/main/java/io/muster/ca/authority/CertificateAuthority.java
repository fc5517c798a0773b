package io.muster.ca.authority;

import io.muster.ca.KeyHash;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Revocation;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Issues certificates and revokes them. What it has answered is written down durably. It does not
 * ask who calls, nor publish what is revoked: that is for those who use it. Shared by threads; it
 * blocks, so event loops must not call it.
 */
public final class CertificateAuthority {

    private final Hierarchy hierarchy;
    private final Issuance issuance;
    private final CertificateLedger ledger;
    private final Clock clock;

    /** Of these issuers; all of them write to one ledger. */
    public CertificateAuthority(
            Hierarchy hierarchy, Issuance issuance, CertificateLedger ledger, Clock clock) {
        this.hierarchy = hierarchy;
        this.issuance = issuance;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Its issuers. */
    public Hierarchy hierarchy() {
        return hierarchy;
    }

    /**
     * Issues a certificate for a device or a server by the authority of that name, or finds the one
     * that was issued for the same order before; that one may be revoked by now. A renewal is an
     * order that names the certificate by which its owner proved who asks. The one that is renewed
     * stays valid until it is superseded or expires.
     *
     * @param authority {@code device-ec}
     * @throws RequestRefusedException if it is not issued
     * @throws IllegalArgumentException if there is no such authority
     */
    public LedgerEntry issue(String authority, CertificateOrder order) {
        if (order.profile().kind().isAuthority()) {
            throw new RequestRefusedException(
                    RefusalCode.ISSUER_UNAVAILABLE,
                    "certificates of a "
                            + order.profile().kind()
                            + " are not issued on order; allowed are "
                            + List.of(
                                    CertificateKind.SERVER,
                                    CertificateKind.DEVICE,
                                    CertificateKind.OCSP_SIGNER));
        }
        return issuance.issue(hierarchy.active(authority), order);
    }

    /**
     * Revokes a certificate for ever. Repeated, it changes nothing and tells the same, but that a
     * certificate without a reason gets the reason that others know its key.
     *
     * @param actor who does it: 1 to 200 characters
     * @return what is true now; empty if there is no such certificate
     * @throws IllegalArgumentException if the reason is none for such a certificate
     */
    public Optional<LedgerEntry> revoke(CertificateId id, RevocationReason reason, String actor) {
        if (reason == RevocationReason.CA_COMPROMISE) {
            ledger.find(id).ifPresent(CertificateAuthority::requireAuthority);
        }
        Optional<LedgerEntry> revoked =
                ledger.revoke(id, new Revocation(clock.instant(), reason, actor));
        if (revoked.filter(entry -> entry.reservation().kind().isAuthority()).isPresent()) {
            hierarchy.reload();
        }
        return revoked;
    }

    private static void requireAuthority(LedgerEntry entry) {
        CertificateKind kind = entry.reservation().kind();
        if (!kind.isAuthority()) {
            throw new IllegalArgumentException(
                    "the certificate "
                            + entry.id()
                            + " of a "
                            + kind
                            + " is not revoked for "
                            + RevocationReason.CA_COMPROMISE
                            + ", which is of authorities; say "
                            + RevocationReason.KEY_COMPROMISE);
        }
    }

    /**
     * Revokes a certificate that another one of the same owner has taken the place of.
     *
     * @throws IllegalArgumentException if the other is not valid, or of another owner
     */
    public LedgerEntry supersede(CertificateId old, CertificateId successor, String actor) {
        LedgerEntry before = require(old);
        LedgerEntry after = require(successor);
        boolean takesItsPlace =
                !old.equals(successor)
                        && after.isLive(clock.instant())
                        && after.reservation().owner().equals(before.reservation().owner());
        if (!takesItsPlace) {
            throw new IllegalArgumentException(
                    "certificate " + successor + " does not take the place of " + old);
        }
        return revoke(old, RevocationReason.SUPERSEDED, actor).orElseThrow();
    }

    private LedgerEntry require(CertificateId id) {
        return ledger.find(id)
                .orElseThrow(() -> new IllegalArgumentException("there is no certificate " + id));
    }

    /** Revokes all certificates of an owner that have not expired; tells which these were. */
    public List<LedgerEntry> revokeAll(String owner, RevocationReason reason, String actor) {
        Instant now = clock.instant();
        List<LedgerEntry> revoked = new ArrayList<>();
        for (LedgerEntry entry : ledger.findLive(owner, now)) {
            revoke(entry.id(), reason, actor).ifPresent(revoked::add);
        }
        return revoked;
    }

    /**
     * Revokes all certificates for a key that others know, and those that somebody got by proving
     * who he is with one of these, and so on. The key is taken for no certificate any more.
     *
     * @return what is revoked by now, also if it was before
     */
    public List<LedgerEntry> revokeKey(KeyHash key, String actor) {
        Deque<CertificateId> known = new ArrayDeque<>();
        ledger.findByKey(key).forEach(entry -> known.add(entry.id()));
        Set<CertificateId> seen = new HashSet<>(known);
        List<LedgerEntry> revoked = new ArrayList<>();
        while (!known.isEmpty()) {
            CertificateId id = known.remove();
            revoke(id, RevocationReason.KEY_COMPROMISE, actor).ifPresent(revoked::add);
            for (LedgerEntry renewed : ledger.findRenewedFrom(id)) {
                if (seen.add(renewed.id())) {
                    known.add(renewed.id());
                }
            }
        }
        return revoked;
    }

    /**
     * To be called at the start, and from time to time: {@link Issuance#abandonReserved}.
     *
     * @return how many there were
     */
    public int abandonReserved(Instant before) {
        return issuance.abandonReserved(before);
    }
}
