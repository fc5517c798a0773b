package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.ledger.Revoked;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Issues certificates and revokes them. What it has answered is written down durably, and in the
 * audit chain. It does not ask who calls, nor publish what is revoked: that is for those who use
 * it. Shared by threads; it blocks, so event loops must not call it.
 *
 * <p>If a revocation throws what is not said below, nobody knows whether it was written down: it is
 * to be taken as if, and asked for again.
 */
public final class CertificateAuthority {

    private final Hierarchy hierarchy;
    private final Issuance issuance;
    private final CertificateLedger ledger;
    private final AuthorityAudit audit;
    private final Clock clock;

    /** Of these issuers; all of them write to one ledger and one audit chain. */
    public CertificateAuthority(
            Hierarchy hierarchy, Issuance issuance, CertificateLedger ledger, Clock clock) {
        this.hierarchy = hierarchy;
        this.issuance = issuance;
        this.ledger = ledger;
        this.audit = issuance.audit();
        this.clock = clock;
    }

    /** Its issuers. */
    public Hierarchy hierarchy() {
        return hierarchy;
    }

    /**
     * Issues a certificate for a device or a server by the authority of that name, or finds the one
     * that was issued for the same order before and is neither revoked nor expired. A renewal is an
     * order that names the certificate by which its owner proved who asks. The one that is renewed
     * stays valid until it is superseded or expires.
     *
     * @param authority {@code device-ec}
     * @throws RequestRefusedException if it is not issued; that is in the audit chain then
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
        return issuance.issue(hierarchy.active(authority), order, hierarchy::isStanding);
    }

    /**
     * Revokes a certificate for ever, which may be reserved only. Repeated, it changes nothing and
     * tells the same, but that a certificate without a reason gets the reason that others know its
     * key. With that reason all is revoked that {@link #revokeKey} does, of any time.
     *
     * @param actor who does it: 1 to 200 characters in one line
     * @return empty if there is no such certificate
     * @throws IllegalArgumentException if the reason is none for such a certificate, or it is one
     *     of an authority
     */
    public Optional<Revoked> revoke(CertificateId id, RevocationReason reason, String actor) {
        return revoke(id, reason, Instant.MIN, actor);
    }

    /**
     * The same.
     *
     * @param since since when others may have the key, if that is the reason
     */
    public Optional<Revoked> revoke(
            CertificateId id, RevocationReason reason, Instant since, String actor) {
        Optional<LedgerEntry> entry = ledger.find(id);
        entry.ifPresent(CertificateAuthority::requireNoAuthority);
        if (reason == RevocationReason.CA_COMPROMISE) {
            throw new IllegalArgumentException(
                    "certificate "
                            + id
                            + " is not revoked for CA_COMPROMISE, which is of authorities; say"
                            + " KEY_COMPROMISE");
        }
        return entry.isEmpty() ? Optional.empty() : write(id, revocation(reason, actor), since);
    }

    private Revocation revocation(RevocationReason reason, String actor) {
        return new Revocation(clock.instant(), reason, actor);
    }

    private static void requireNoAuthority(LedgerEntry entry) {
        if (entry.reservation().kind().isAuthority()) {
            throw new IllegalArgumentException(
                    "certificate "
                            + entry.id()
                            + " is one of an authority, which takes along all that it has issued;"
                            + " an operator revokes it as such");
        }
    }

    private Optional<Revoked> write(CertificateId id, Revocation revocation, Instant since) {
        Optional<Revoked> revoked = ledger.revoke(id, revocation);
        revoked.ifPresent(done -> audit.revoked(done.changed(), revocation));
        if (revoked.isEmpty() || !revocation.isOfKey()) {
            return revoked;
        }
        KeyHash key = revoked.get().entry().reservation().key();
        return Optional.of(
                new Revoked(
                        revoked.get().entry(),
                        compromise(revocation)
                                .withChanged(revoked.get().changed())
                                .follow(key, since)
                                .changed()));
    }

    private Compromise compromise(Revocation revocation) {
        return new Compromise(ledger, audit, revocation);
    }

    /**
     * Revokes a root or an issuer, with what other roots have signed for its key: whoever checks
     * certificates trusts nothing any more that it has signed, and it issues no more. Repeated, it
     * changes nothing. For operators who mean just that.
     *
     * @param actor who does it: 1 to 200 characters in one line
     * @return the certificates that are revoked: its own first
     * @throws IllegalArgumentException if there is no such authority, or the reason is of devices
     *     only
     * @throws AuthorityStateException if it is the root that signs now, or that of issuers that
     *     issue now
     * @throws IllegalStateException if the ledger does not know one of them
     */
    public List<CertificateId> revokeAuthority(IssuerId id, RevocationReason reason, String actor) {
        hierarchy.requireRevocable(id);
        if (reason == RevocationReason.KEY_COMPROMISE) {
            throw new IllegalArgumentException(
                    "the reason KEY_COMPROMISE is of devices and servers; say CA_COMPROMISE");
        }
        Revocation revocation = revocation(reason, actor);
        List<CertificateId> all = List.copyOf(hierarchy.certificatesOf(id));
        for (CertificateId certificate : all) {
            Revoked revoked =
                    ledger.revoke(certificate, revocation)
                            .orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    "the ledger does not know certificate "
                                                            + certificate
                                                            + " of authority "
                                                            + id));
            hierarchy.revoked(id);
            audit.revoked(revoked.changed(), revocation);
        }
        return all;
    }

    /**
     * Issuers that are revoked, by themselves or with their roots, and what was said then. Nothing
     * that they have issued is taken; whoever uses this ends it in the ledger, too.
     *
     * @return no roots
     */
    public Map<IssuerId, Revocation> revokedIssuers() {
        Map<IssuerId, Revocation> all = new LinkedHashMap<>();
        hierarchy
                .revokedIssuers()
                .forEach(
                        (id, by) ->
                                ledger.find(by)
                                        .map(LedgerEntry::revocation)
                                        .ifPresent(revocation -> all.put(id, revocation)));
        return all;
    }

    /**
     * Revokes a certificate that another one of the same owner has taken the place of.
     *
     * @throws IllegalArgumentException if the other is not valid, or of another owner
     */
    public Revoked supersede(CertificateId old, CertificateId successor, String actor) {
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

    /**
     * Revokes all certificates of a device or a server that have not expired, some at a time. A
     * device that is to get no others meanwhile is disabled before.
     *
     * @return which were revoked now, or got another reason
     * @throws IllegalArgumentException if the owner is an authority, or the reason is of one
     */
    public Set<CertificateId> revokeAll(Owner owner, RevocationReason reason, String actor) {
        if (owner instanceof Owner.Authority || reason == RevocationReason.CA_COMPROMISE) {
            throw new IllegalArgumentException(
                    "certificates of " + owner + " are not revoked at once for " + reason);
        }
        Revocation revocation = revocation(reason, actor);
        Set<CertificateId> changed = ledger.revokeAll(owner, revocation);
        audit.revoked(changed, revocation);
        return changed;
    }

    /**
     * Revokes all certificates for a key that others know, which is taken for no certificate any
     * more, also if it has none yet; and those that somebody got since then by proving who he is
     * with one of these, with their keys, and so on.
     *
     * @param since since when others may have it; {@link Instant#MIN} if nobody knows
     * @return which were revoked now, or got another reason
     * @throws IllegalArgumentException if it is the key of an authority
     */
    public Set<CertificateId> revokeKey(KeyHash key, Instant since, String actor) {
        ledger.findByKey(key, CertificateLedger.PAGE_MAX)
                .forEach(CertificateAuthority::requireNoAuthority);
        Revocation revocation = revocation(RevocationReason.KEY_COMPROMISE, actor);
        return compromise(revocation).follow(key, since).changed();
    }

    /**
     * To be called at the start, and from time to time: {@link Issuance#abandonReserved}.
     *
     * @return which these were
     */
    public List<CertificateId> abandonReserved(Instant before) {
        return issuance.abandonReserved(before);
    }
}
