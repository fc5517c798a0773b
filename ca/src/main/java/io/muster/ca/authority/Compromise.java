package io.muster.ca.authority;

import io.muster.ca.KeyHash;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Revocation;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How far it goes that others know a key: they may have got certificates for keys of their own by
 * proving who they are with one for that key. Confined to a thread, and used once.
 *
 * <p>Each key is one step that is durable. If a step fails, the whole may be begun anew: it is
 * found by the certificates that there are, and not by what has changed.
 */
final class Compromise {

    private final CertificateLedger ledger;
    private final AuthorityAudit audit;
    private final Revocation revocation;
    private final Set<CertificateId> changed = new LinkedHashSet<>();
    private final Set<KeyHash> seen = new HashSet<>();
    private final Deque<KeyHash> known = new ArrayDeque<>();

    Compromise(CertificateLedger ledger, AuthorityAudit audit, Revocation revocation) {
        this.ledger = ledger;
        this.audit = audit;
        this.revocation = revocation;
    }

    /** What has changed before counts too. */
    Compromise withChanged(Collection<CertificateId> before) {
        changed.addAll(before);
        return this;
    }

    /** Revokes the certificates of a key, and what was got since then by means of them. */
    Compromise follow(KeyHash first, Instant since) {
        add(first);
        while (!known.isEmpty()) {
            KeyHash key = known.remove();
            Set<CertificateId> ofKey = ledger.revokeKey(key, revocation);
            changed.addAll(ofKey);
            audit.revoked(ofKey, revocation);
            addRenewedBy(key, since);
        }
        return this;
    }

    private void addRenewedBy(KeyHash key, Instant since) {
        CertificateId after = null;
        List<LedgerEntry> some;
        do {
            some = ledger.findRenewedByKey(key, since, after, CertificateLedger.PAGE_MAX);
            for (LedgerEntry renewed : some) {
                add(renewed.reservation().key());
                after = renewed.id();
            }
        } while (some.size() == CertificateLedger.PAGE_MAX);
    }

    private void add(KeyHash key) {
        if (seen.add(key)) {
            known.add(key);
        }
    }

    /** Which were revoked, or got another reason. */
    Set<CertificateId> changed() {
        return Set.copyOf(changed);
    }
}
