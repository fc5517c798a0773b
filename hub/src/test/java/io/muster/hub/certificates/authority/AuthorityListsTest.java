package io.muster.hub.certificates.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.ca.IssuerId;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.AuthorityStateException;
import io.muster.ca.crl.CrlUnpublishedException;
import io.muster.ca.crl.RevocationLists;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.ledger.Names;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists that cannot be published when somebody waits for them. */
class AuthorityListsTest {

    private static final IssuerId SERVERS = new IssuerId("server", 1);
    private static final IssuerId ROOT = new IssuerId("root", 1);

    private final MovingClock clock = new MovingClock();
    @TempDir private Path folder = Path.of("");
    private AuthorityStage stage;

    @BeforeEach
    void open() throws Exception {
        stage = new AuthorityStage(folder, clock);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private AuthorityLists lists() {
        return stage.authority().lists();
    }

    private CertificateId revoke(LedgerEntry entry, RevocationReason reason) {
        assertThat(stage.authority().authority().revoke(entry.id(), reason, "test")).isPresent();
        return Names.registered(entry.id());
    }

    @Test
    void aListFromBeforeIsNotTheAnswerToAnotherReason() throws Exception {
        LedgerEntry entry = stage.issue();
        CertificateId id = revoke(entry, RevocationReason.UNSPECIFIED);
        assertThat(lists().publish(List.of(id))).containsEntry(id, 2L);
        Path of = folder.resolve("ca/crl/server-g1");
        Files.move(of, folder.resolve("elsewhere"));
        Files.createFile(of);

        revoke(entry, RevocationReason.KEY_COMPROMISE);

        assertThat(lists().publish(List.of(id))).isEmpty();
        assertThat(lists().alarm())
                .hasValue(
                        "revocation lists lack what was revoked, as they cannot be issued:"
                                + " server-g1");
        Files.delete(of);
        Files.move(folder.resolve("elsewhere"), of);
        assertThat(lists().reissueDue()).isZero();
        assertThat(lists().alarm()).isEmpty();
        assertThat(lists().publish(List.of(id)).get(id)).isGreaterThan(2);
    }

    @Test
    void anAuthorityIsRevokedWithoutTheKeyOfItsRootAndIsOnTheListWhenThatIsBack() throws Exception {
        Path key = folder.resolve("ca/keys/root-g1.p12");
        Files.move(key, folder.resolve("elsewhere.p12"));

        Generations.Revoked revoked =
                stage.authority()
                        .generations()
                        .revoke(SERVERS, RevocationReason.CA_COMPROMISE, "test");

        assertThat(revoked.crlNumber()).isEqualTo(OptionalLong.empty());
        assertThat(lists().alarm()).get().asString().contains("lack what was revoked", "root-g1");
        Files.move(folder.resolve("elsewhere.p12"), key);
        assertThat(lists().reissueDue()).isZero();
        assertThat(lists().alarm()).isEmpty();
        assertThat(lists().published(ROOT, 0).orElseThrow().entries()).isEqualTo(1);
    }

    @Test
    void listsOfAnIssuerThatHasExpiredAreNotIssuedAgain() {
        long before = lists().published(SERVERS, 0).orElseThrow().number();
        clock.move(Duration.ofDays(1826));

        assertThat(lists().reissueDue()).isZero();

        assertThat(lists().published(SERVERS, 0).orElseThrow().number()).isEqualTo(before);
        assertThat(lists().published(ROOT, 0).orElseThrow().number()).isGreaterThan(1);
        assertThat(lists().alarm()).isEmpty();
    }

    @Test
    void nothingIsPublishedAnyMoreOfAnIssuerWhoseKeyIsDestroyed() throws Exception {
        CertificateId before = revoke(stage.issue(), RevocationReason.SUPERSEDED);
        assertThat(lists().publish(List.of(before))).containsEntry(before, 2L);
        LedgerEntry valid = stage.issue();
        Generations generations = stage.authority().generations();
        generations.activate(generations.prepare("server"));
        generations.retire(SERVERS);
        assertThat(lists().hasLists(before)).isTrue();
        generations.destroy(SERVERS, true);

        CertificateId after = revoke(valid, RevocationReason.SUPERSEDED);

        assertThat(lists().publish(List.of(before, after))).containsOnly(Map.entry(before, 2L));
        assertThat(lists().hasLists(after)).isFalse();
        assertThat(lists().of(SERVERS).orElseThrow().isIncomplete()).isFalse();
        assertThat(generations.find(SERVERS).key()).isEqualTo(Generation.KeyPlace.DESTROYED);
    }

    private static void done(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Generations retired() {
        Generations generations = stage.authority().generations();
        generations.activate(generations.prepare("server"));
        generations.retire(SERVERS);
        return generations;
    }

    /** The number of the newest list in the folder. */
    private long newest(int partition) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("ca/crl/server-g1/" + partition))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("crl\\.\\d+"))
                    .mapToLong(name -> Long.parseLong(name.substring("crl.".length())))
                    .max()
                    .orElseThrow();
        }
    }

    @Test
    void whatIsBeingPublishedWhileTheKeyIsDestroyedIsNotAndTheLastListIsServed() throws Exception {
        LedgerEntry entry = stage.issue();
        Generations generations = retired();
        int partition =
                stage.authority().hierarchy().addresses(SERVERS).lists().of(entry.id().serial());
        CertificateId id = revoke(entry, RevocationReason.SUPERSEDED);
        CountDownLatch publishing = new CountDownLatch(1);
        CountDownLatch destroyed = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Map<CertificateId, Long>> numbers =
                    thread.submit(
                            () -> {
                                Thread publisher = Thread.currentThread();
                                clock.whenAsked(
                                        () -> {
                                            if (Thread.currentThread().equals(publisher)) {
                                                publishing.countDown();
                                                done(destroyed);
                                            }
                                        });
                                return lists().publish(List.of(id));
                            });
            done(publishing);
            generations.destroy(SERVERS, true);
            destroyed.countDown();

            assertThat(numbers.get(10, TimeUnit.SECONDS)).isEmpty();
        } finally {
            thread.shutdownNow();
        }
        assertThat(lists().published(SERVERS, partition).orElseThrow().number()).isEqualTo(1);
        assertThat(newest(partition)).isEqualTo(1);
        assertThat(lists().alarm()).isEmpty();
    }

    @Test
    void aCopyOfADestroyedKeyThatComesBackSignsNoList() throws Exception {
        LedgerEntry entry = stage.issue();
        Path key = folder.resolve("ca/keys/server-g1.p12");
        Path copy = Files.copy(key, folder.resolve("copy.p12"));
        retired().destroy(SERVERS, true);
        stage.close();
        Files.copy(copy, key);
        stage = new AuthorityStage(folder, clock);
        revoke(entry, RevocationReason.SUPERSEDED);
        RevocationLists of = lists().of(SERVERS).orElseThrow();

        assertThatExceptionOfType(CrlUnpublishedException.class)
                .isThrownBy(() -> of.publish(entry.id().serial()))
                .withMessageContaining("the key of server-g1 is destroyed");
    }

    @Test
    void byWhichTimeAKeyWasDestroyedAndWhenTheLastCertificateEndsIsInTheAuditChain()
            throws Exception {
        Instant end = stage.issue().requireCertificate().validity().notAfter();
        LocalDate last = LocalDate.ofInstant(end, ZoneOffset.UTC);
        Generations generations = retired();
        assertThatExceptionOfType(AuthorityStateException.class)
                .isThrownBy(() -> generations.destroy(SERVERS, false))
                .withMessageContaining("the clock says " + clock.instant())
                .withMessageContaining("the last certificate expires on " + last);
        clock.move(Duration.ofDays(40));

        Generations.Destruction done = generations.destroy(SERVERS, false);

        assertThat(done)
                .isEqualTo(new Generations.Destruction(clock.instant(), Optional.of(last), false));
        assertThat(allOf(folder.resolve("ca/audit"))).contains(done.inWords());
    }

    private static String allOf(Path audit) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(audit)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }

    @Test
    void aKeyThatCannotBeDeletedIsSaidToSignNothingAnyMoreUntilItIs() throws Exception {
        Generations generations = retired();
        Path key = folder.resolve("ca/keys/" + SERVERS + ".p12");
        Files.delete(key);
        Path within = Files.createFile(Files.createDirectory(key).resolve("within"));

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> generations.destroy(SERVERS, true))
                .withMessageContaining("signs nothing any more")
                .withMessageContaining("cannot be deleted");
        assertThat(generations.find(SERVERS).key()).isEqualTo(Generation.KeyPlace.FILE);

        Files.delete(within);
        generations.destroy(SERVERS, true);
        assertThat(generations.find(SERVERS).key()).isEqualTo(Generation.KeyPlace.DESTROYED);
    }

    @Test
    void aKeyThatIsElsewhereIsNotSaidToBeDestroyed() throws Exception {
        Generations generations = retired();
        Path key = folder.resolve("ca/keys/server-g1.p12");
        Path elsewhere = Files.move(key, folder.resolve("elsewhere.p12"));

        assertThatExceptionOfType(KeyUnusableException.class)
                .isThrownBy(() -> generations.destroy(SERVERS, true));

        Files.move(elsewhere, key);
        assertThat(generations.find(SERVERS).key()).isEqualTo(Generation.KeyPlace.FILE);
    }

    @Test
    void whatIsLeftOfListsThatEndForEverIsNotShown() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new WatchedAuthority(stage.authority(), new CertificateMetrics(meters), clock).show();
        Gauge left = meters.get("muster.crl.left.seconds").tag("issuer", "server-g1").gauge();
        assertThat(left.value()).isPositive();
        retired().destroy(SERVERS, true);

        assertThat(left.value()).isNaN();
    }
}
