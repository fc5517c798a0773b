package io.muster.ca.ledger;

import java.util.Set;

/**
 * What a revocation did.
 *
 * @param entry of the certificate that it was about, as it stands now
 * @param changed the certificates that were revoked now, or whose reason has changed: none if
 *     nothing did, and more than the one if others know its key
 */
public record Revoked(LedgerEntry entry, Set<CertificateId> changed) {

    /** Copies the set. */
    public Revoked {
        changed = Set.copyOf(changed);
    }
}
