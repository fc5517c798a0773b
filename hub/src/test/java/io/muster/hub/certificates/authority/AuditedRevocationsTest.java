package io.muster.hub.certificates.authority;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.RevocationReason;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.Revocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A revocation that a process has made durable and not audited is in the chain after a start. */
class AuditedRevocationsTest {

    private final MovingClock clock = new MovingClock();
    @TempDir private Path folder = Path.of("");
    private AuthorityStage stage;

    @BeforeEach
    void open() throws IOException {
        stage = new AuthorityStage(folder, clock);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private void restart() throws IOException {
        close();
        open();
    }

    /** As a process does that ends before it has written that down. */
    private CertificateId revokeUnaudited() {
        CertificateId id = stage.issue().id();
        stage.authority()
                .records()
                .certificates()
                .revoke(
                        id,
                        new Revocation(clock.instant(), RevocationReason.SUPERSEDED, "mallory"));
        return id;
    }

    private CertificateId revoke() {
        CertificateId id = stage.issue().id();
        stage.authority().authority().revoke(id, RevocationReason.SUPERSEDED, "alice");
        return id;
    }

    private List<String> audited(CertificateId id) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("ca/audit"))) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .flatMap(AuditedRevocationsTest::lines)
                    .filter(line -> line.contains("\"kind\":\"revocation\""))
                    .filter(line -> line.contains(id.serial().toString()))
                    .toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsMissingIsWrittenOnceWithWhoDidIt() throws IOException {
        CertificateId there = revoke();
        CertificateId missing = revokeUnaudited();
        assertThat(audited(missing)).isEmpty();

        restart();
        restart();

        assertThat(audited(missing)).singleElement().asString().contains("mallory", "SUPERSEDED");
        assertThat(audited(there)).hasSize(1);
    }

    @Test
    void whatIsRevokedBetweenTwoLooksIsFoundToo() throws IOException {
        CertificateId early = revokeUnaudited();
        stage.authority().lookAtAudit();
        CertificateId late = revokeUnaudited();
        // Only what was there at the look before counts as written down by now.
        stage.authority().lookAtAudit();

        restart();

        assertThat(audited(late)).hasSize(1);
        assertThat(audited(early)).isEmpty();
    }
}
