package io.muster.ca.ledger.view;

import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.CrlEntry;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.crl.RevocationLists.Published;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.CrlLedger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a ledger that was put back to an earlier state what its published CRLs know: so no
 * revocation that anybody was told of is forgotten, and no number of a CRL comes again. What was
 * issued since that state stays unknown, and nobody signs in with it. To be done before the lists
 * are opened; repeated, it changes nothing. Blocks.
 */
public final class LedgerRestoration {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerRestoration.class);

    private final CrlLedger ledger;
    private final String actor;

    /**
     * Into this ledger.
     *
     * @param actor who does it: 1 to 200 characters in one line
     */
    public LedgerRestoration(CrlLedger ledger, String actor) {
        this.ledger = ledger;
        this.actor = actor;
    }

    /**
     * What it did for an issuer.
     *
     * @param raised how many partitions had published CRLs with greater numbers than the ledger
     *     knew
     * @param adopted the revocations that it did not know
     */
    public record Restored(int raised, List<CertificateId> adopted) {

        /** Copies the list. */
        public Restored {
            adopted = List.copyOf(adopted);
        }

        /** Whether the ledger knew everything. */
        public boolean isNone() {
            return raised == 0 && adopted.isEmpty();
        }
    }

    /**
     * Takes over what is published of an issuer. The ends of certificates that the ledger does not
     * know are not known either: they are taken to last as long as their issuer.
     *
     * @param folder of its lists
     */
    public Restored takeOver(IssuerId issuer, CrlIssuer lists, Path folder) {
        LedgerRevocations known = new LedgerRevocations(ledger, issuer, lists.partitions());
        List<CertificateId> adopted = new ArrayList<>();
        int raised = 0;
        for (Published published : RevocationLists.readPublished(lists, folder)) {
            // First what is revoked: when the numbers fit, the lists are opened.
            adopted.addAll(adopt(issuer, lists, unknown(published.entries(), known)));
            if (ledger.lastNumber(issuer, published.partition()) < published.highest()) {
                ledger.raiseNumber(issuer, published.partition(), published.highest());
                raised++;
            }
        }
        Restored restored = new Restored(raised, adopted);
        if (!restored.isNone()) {
            LOG.warn(
                    "ledger was put back to an earlier state, published lists are taken over:"
                            + " issuer={} partitions={} revocations={}",
                    issuer,
                    raised,
                    adopted.size());
        }
        return restored;
    }

    private static List<CrlEntry> unknown(List<CrlEntry> entries, LedgerRevocations known) {
        Collection<SerialNumber> serials = entries.stream().map(CrlEntry::serial).toList();
        Set<SerialNumber> there = new HashSet<>(known.known(serials));
        return entries.stream().filter(entry -> !there.contains(entry.serial())).toList();
    }

    private List<CertificateId> adopt(IssuerId issuer, CrlIssuer lists, List<CrlEntry> entries) {
        List<CertificateId> adopted = new ArrayList<>();
        for (int from = 0; from < entries.size(); from += CertificateLedger.STEP_MAX) {
            int to = Math.min(entries.size(), from + CertificateLedger.STEP_MAX);
            List<RevokedCertificate> some =
                    entries.subList(from, to).stream()
                            .map(
                                    entry ->
                                            new RevokedCertificate(
                                                    entry.serial(),
                                                    entry.revokedAt(),
                                                    entry.reason(),
                                                    lists.end()))
                            .toList();
            adopted.addAll(ledger.adopt(issuer, some, actor));
        }
        return adopted;
    }
}
