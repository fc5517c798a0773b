package io.muster.ca.crl;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.audit.AuditChain;
import io.muster.ca.audit.AuditChainBrokenException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.pki.TestAuthority;
import io.muster.ca.pki.TestClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;

/** An issuer with its ledger and its folder, which a test stops and starts again. */
final class CrlStage implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    static final String BASE = "http://hub.example/crl/g1/";

    /** One for all tests: keys are not what they are about. */
    static final TestAuthority ISSUER = TestAuthority.root("Devices G1", NOW);

    final TestClock clock = new TestClock(NOW);
    final CrlPartitions partitions;
    final Path folder;
    final AuditChain audit;
    TestLedger ledger;
    SigningKey key = ISSUER;
    private final Random random = new Random(11);

    /** With an audit chain of its own, to be closed. */
    CrlStage(Path folder, int count) throws AuditChainBrokenException {
        this(folder, count, AuditChain.open(folder.resolve("audit"), Clock.systemUTC()));
    }

    CrlStage(Path folder, int count, AuditChain audit) {
        this.folder = folder.resolve("crl");
        this.partitions = CrlPartitions.ofUserCertificates(count, BASE);
        this.ledger = new TestLedger(partitions);
        this.audit = audit;
    }

    /** Starts; the disk is not waited for. */
    RevocationLists open() {
        return open(new CrashingFiles(Integer.MAX_VALUE, false));
    }

    RevocationLists open(CrlFiles files) {
        CrlFolder crls = new CrlFolder(folder, files, reader());
        return RevocationLists.open(issuer(), ledger, ledger, crls, audit);
    }

    RevocationLists startAnew() {
        return RevocationLists.startAnew(issuer(), ledger, ledger, folder, audit);
    }

    CrlIssuer issuer() {
        return new CrlIssuer(ISSUER.certificate(), key, partitions, CrlTimes.DEFAULT, clock);
    }

    CrlReader reader() {
        return new CrlReader(ISSUER.certificate(), partitions);
    }

    /** One more that is revoked, and expires in a year. */
    SerialNumber revoke() {
        return revoke(Duration.ofDays(365));
    }

    SerialNumber revoke(Duration life) {
        SerialNumber serial = new SerialNumber((random.nextLong() & Long.MAX_VALUE) | 1);
        ledger.revoke(
                serial,
                clock.instant(),
                RevocationReason.KEY_COMPROMISE,
                clock.instant().plus(life));
        return serial;
    }

    @Override
    public void close() {
        audit.close();
    }
}
