package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditChainBrokenException;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.authority.Hierarchy;
import io.muster.ca.authority.Issuance;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.ledger.view.LedgerCrlNumbers;
import io.muster.ca.ledger.view.LedgerRestoration;
import io.muster.ca.ledger.view.LedgerRestoration.Restored;
import io.muster.ca.ledger.view.LedgerRevocations;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;

/**
 * Mends what keeps an authority from starting after its registry was put back to an earlier state:
 * takes over what published lists tell. Nothing else is changed, and it may be repeated.
 */
public final class AuthorityRestore {

    private static final String ACTOR = "muster ca restore";

    private AuthorityRestore() {}

    /**
     * What begins anew since it is lost, for whoever has decided so.
     *
     * @param audit whether an audit chain that is broken is put aside and another begun
     * @param lists whether lists are made from the registry alone where published ones are lost:
     *     the registry must be the newest one that ever was
     */
    public record Anew(boolean audit, boolean lists) {}

    /**
     * Takes over what is published of all issuers and roots. Blocks.
     *
     * @param anew what begins anew since it is lost
     * @return what it did, by the names of issuers
     * @throws IllegalStateException if the audit chain is broken and is to stay
     */
    public static Map<String, Restored> run(
            AuthoritySetup setup, AuthorityRecords records, Clock clock, Anew anew)
            throws IOException {
        SecureRandom random = new SecureRandom();
        Map<String, Restored> done = new TreeMap<>();
        try (AuditChain audit = audit(setup, clock, anew.audit())) {
            Hierarchy hierarchy =
                    Hierarchy.open(
                            setup.certificates(),
                            setup.hierarchy(),
                            setup.keys(random),
                            new Issuance(
                                    records.certificates(),
                                    new AuthorityAudit(audit),
                                    random,
                                    clock),
                            clock);
            LedgerRestoration restoration = new LedgerRestoration(records.crls(), ACTOR);
            for (IssuerId id : hierarchy.certificates().keySet()) {
                CrlIssuer issuer =
                        hierarchy.crlIssuer(id, AuthorityLists.times(hierarchy, id, setup));
                Path folder = setup.lists().resolve(id.toString());
                done.put(id.toString(), restoration.takeOver(id, issuer, folder));
                // Without its key no list is made any more.
                if (anew.lists() && !hierarchy.isDestroyed(id)) {
                    RevocationLists.startAnew(
                            issuer,
                            new LedgerRevocations(
                                    records.crls(), id, hierarchy.addresses(id).lists()),
                            new LedgerCrlNumbers(records.crls(), id),
                            folder,
                            audit);
                }
            }
        }
        return done;
    }

    private static AuditChain audit(AuthoritySetup setup, Clock clock, boolean newAudit) {
        if (!newAudit && !AuditChain.isBegun(setup.audit())) {
            throw OwnAuthority.lostAudit(setup.audit());
        }
        try {
            return AuditChain.open(setup.audit(), clock);
        } catch (AuditChainBrokenException broken) {
            if (!newAudit) {
                throw OwnAuthority.brokenAudit(setup.audit(), broken);
            }
            try {
                return AuditChain.startAnew(setup.audit(), clock, broken);
            } catch (AuditChainBrokenException again) {
                throw OwnAuthority.brokenAudit(setup.audit(), again);
            }
        }
    }
}
