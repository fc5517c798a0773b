package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.CrlRollbackException;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.view.LedgerCrlNumbers;
import io.muster.ca.ledger.view.LedgerRestoration;
import io.muster.ca.ledger.view.LedgerRestoration.Restored;
import io.muster.ca.ledger.view.LedgerRevocations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger that was put back to an earlier state, and lists that were not. */
class RestoredLedgerTest {

    private static final IssuerId DEVICES = new IssuerId("device-ec", 1);

    private final TestHierarchy test;
    private final CertificateAuthority authority;
    private final AuditChain audit;
    private final Path lists;

    RestoredLedgerTest(@TempDir Path folder) throws Exception {
        test = new TestHierarchy(folder.resolve("ca"), new MemoryKeys());
        authority = test.authority();
        audit = AuditChain.open(folder.resolve("audit"), test.clock);
        lists = folder.resolve("crl");
    }

    @AfterEach
    void end() {
        audit.close();
    }

    private RevocationLists open(InMemoryLedger ledger) {
        return RevocationLists.open(
                issuer(),
                new LedgerRevocations(ledger, DEVICES, issuer().partitions()),
                new LedgerCrlNumbers(ledger, DEVICES),
                lists,
                audit);
    }

    private CrlIssuer issuer() {
        return authority.hierarchy().crlIssuer(DEVICES, CrlTimes.DEFAULT);
    }

    private CertificateId revoke(RevocationLists published) {
        LedgerEntry entry = authority.issue("device-ec", Orders.device("d1"));
        authority.revoke(entry.id(), RevocationReason.KEY_COMPROMISE, "alice");
        published.publish(entry.id().serial());
        return entry.id();
    }

    @Test
    void whatWasPublishedIsRevokedForEver() {
        RevocationLists published = open(test.ledger);
        List<CertificateId> revoked = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            revoked.add(revoke(published));
        }
        InMemoryLedger older = new InMemoryLedger();
        assertThatExceptionOfType(CrlRollbackException.class).isThrownBy(() -> open(older));

        LedgerRestoration restoration = new LedgerRestoration(older, "restore");
        Restored restored = restoration.takeOver(DEVICES, issuer(), lists);

        assertThat(restored.raised()).isEqualTo(issuer().partitions().count());
        assertThat(restored.adopted()).containsExactlyInAnyOrderElementsOf(revoked);
        assertThat(restoration.takeOver(DEVICES, issuer(), lists).isNone()).isTrue();
        RevocationLists reopened = open(older);
        assertThat(reopened.forgotten()).isEmpty();
        assertThat(revoked).allMatch(id -> reopened.contains(id.serial()));
        assertThat(
                        new LedgerRevocations(older, DEVICES, issuer().partitions())
                                .find(revoked.get(0).serial()))
                .hasValueSatisfying(
                        one -> {
                            assertThat(one.reason()).isEqualTo(RevocationReason.KEY_COMPROMISE);
                            assertThat(one.notAfter()).isEqualTo(issuer().end());
                        });
    }

    @Test
    void aLedgerThatKnowsEverythingLearnsNothing() {
        RevocationLists published = open(test.ledger);
        revoke(published);

        assertThat(
                        new LedgerRestoration(test.ledger, "restore")
                                .takeOver(DEVICES, issuer(), lists)
                                .isNone())
                .isTrue();
    }
}
