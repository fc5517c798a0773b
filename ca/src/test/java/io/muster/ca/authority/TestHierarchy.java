package io.muster.ca.authority;

import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.Pkcs12Folder;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.InMemoryLedger;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.TestClock;
import java.nio.file.Path;
import java.security.SecureRandom;

/** An authority in a folder, with a clock that stands still and a ledger in memory. */
final class TestHierarchy {

    static final HierarchySettings SETTINGS =
            HierarchySettings.usual(
                    "Test", "Test Inc", PublicAddresses.below("http://hub.example:8080"));

    final TestClock clock = new TestClock(Issuers.NOW);
    final InMemoryLedger ledger = new InMemoryLedger();
    final AuditedActs acts = new AuditedActs();
    final Path folder;
    final KeyStorage keys;

    /** With its keys in files. */
    TestHierarchy(Path folder) {
        this(
                folder,
                new Pkcs12Folder(folder, "correct horse battery"::toCharArray, new SecureRandom()));
    }

    TestHierarchy(Path folder, KeyStorage keys) {
        this.folder = folder;
        this.keys = keys;
    }

    Issuance issuance(CertificateLedger other) {
        return new Issuance(other, new AuthorityAudit(acts), new SecureRandom(), clock);
    }

    Hierarchy open() {
        return open(SETTINGS, keys, ledger);
    }

    Hierarchy open(HierarchySettings settings, KeyStorage otherKeys, CertificateLedger other) {
        return Hierarchy.open(folder, settings, otherKeys, issuance(other), clock);
    }

    CertificateAuthority authority() {
        return new CertificateAuthority(open(), issuance(ledger), ledger, clock);
    }
}
