package io.muster.auth.x509.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart knows of lists: each {@link #start} is one, of a source with the same folder. */
class CrlStoreTest {

    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA");
    private static final BigInteger SERIAL = BigInteger.TEN;

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final FakeSource source = new FakeSource();
    private final Path folder;
    private Optional<DistributionPointName> point = Optional.empty();
    private TestAuthority authority = AUTHORITY;
    private CrlPartition partition = partition();
    private Told told = new Told();

    CrlStoreTest(@TempDir Path folder) {
        this.folder = folder.resolve("crls");
    }

    @Test
    void noOlderListIsTakenAfterARestartAndTheKeptOneIsInForce() {
        source.list = AUTHORITY.crl(5).revoking(SERIAL).pem();
        start();

        source.list = AUTHORITY.crl(4).der();
        start();

        assertThat(told.accepted).extracting(AcceptedCrl::number).containsExactly(number(5));
        assertThat(told.refused).containsExactly(CrlFailure.ROLLBACK);
        assertThat(partition.current().orElseThrow().revoked().contains(SERIAL)).isTrue();
    }

    @Test
    void theKeptOneIsInForceWhileTheSourceCannotBeHad() {
        source.list = AUTHORITY.crl(5).der();
        start();

        source.failure = new IOException("unreachable");
        start();

        assertThat(partition.current().orElseThrow().number()).isEqualTo(5);
        assertThat(told.refused).containsExactly(CrlFailure.UNAVAILABLE);
    }

    @Test
    void theNewestOneIsKept() {
        for (long number : List.of(5, 6, 7)) {
            source.list = AUTHORITY.crl(number).der();
            start();
        }
        source.list = AUTHORITY.crl(6).der();
        start();

        assertThat(partition.current().orElseThrow().number()).isEqualTo(7);
    }

    @Test
    void eachPartitionAndEachKeyOfAnIssuerHasItsOwn() {
        source.list = AUTHORITY.crl(5).der();
        start();

        point = Optional.of(DistributionPointName.uri("http://hub/7.crl"));
        source.list = AUTHORITY.crl(2).partition("http://hub/7.crl").der();
        start();
        assertThat(partition.current().orElseThrow().number()).isEqualTo(2);

        point = Optional.empty();
        authority = TestAuthority.root("CN=Issuing CA");
        source.list = authority.crl(1).der();
        start();
        assertThat(partition.current().orElseThrow().number()).isEqualTo(1);
    }

    @Test
    void anIssuerThatIsCertifiedAgainWithItsKeyGoesOnWithItsList() {
        source.list = AUTHORITY.crl(5).der();
        start();

        authority = AUTHORITY.certifiedBy(TestAuthority.root("CN=Root"));
        source.list = authority.crl(4).der();
        start();

        assertThat(partition.current().orElseThrow().number()).isEqualTo(5);
        assertThat(told.refused).containsExactly(CrlFailure.ROLLBACK);
    }

    @Test
    void aKeptListThatIsDamagedIsSetAsideAndTheSourceIsAsked() throws Exception {
        source.list = AUTHORITY.crl(5).der();
        start();
        Path kept = files().get(0);
        byte[] bytes = Files.readAllBytes(kept);
        bytes[bytes.length - 1]++;
        Files.write(kept, bytes);

        start();

        assertThat(partition.current().orElseThrow().number()).isEqualTo(5);
        assertThat(told.accepted).hasSize(1);
        assertThat(files()).hasSize(2).anyMatch(file -> file.toString().endsWith(".crl.bad"));
    }

    /** Or a clock that starts in 1970 would make way for any list. */
    @Test
    void whileTheClockSaysThatTheKeptListIsFromTheFutureTheSourceIsNotAsked() {
        source.list = AUTHORITY.crl(5).der();
        start();

        clock.set(Instant.EPOCH);
        source.list = AUTHORITY.crl(4).made(Instant.EPOCH, TestAuthority.NOW).der();
        CrlRefresh refresh = start();
        assertThat(told.refused).containsExactly(CrlFailure.NOT_YET_VALID);
        assertThat(partition.current()).isEmpty();

        clock.set(TestAuthority.NOW);
        look(refresh);
        assertThat(told.refused).containsExactly(CrlFailure.NOT_YET_VALID, CrlFailure.ROLLBACK);
        assertThat(partition.current().orElseThrow().number()).isEqualTo(5);
    }

    @Test
    void aListThatCannotBeWrittenDownIsInForceAndThatIsToldUntilItIs() throws Exception {
        source.list = AUTHORITY.crl(5).der();
        start();
        Path inTheWay = Path.of(files().get(0) + ".new");
        Files.createDirectory(inTheWay);

        source.list = AUTHORITY.crl(6).der();
        CrlRefresh refresh = start();
        assertThat(partition.current().orElseThrow().number()).isEqualTo(6);
        assertThat(told.notKept).containsExactly(partition);

        Files.delete(inTheWay);
        clock.advance(Duration.ofSeconds(20));
        look(refresh);
        assertThat(told.notKept).hasSize(1);
        source.failure = new IOException("unreachable");
        start();
        assertThat(partition.current().orElseThrow().number()).isEqualTo(6);
    }

    private CrlRefresh start() {
        told = new Told();
        partition = partition();
        source.last = new byte[0];
        CrlRefresh refresh =
                new CrlRefresh(
                        partition,
                        source,
                        new CrlStore(folder),
                        told,
                        new LookClock(clock, clock::ticks, new SplittableRandom(1)),
                        new Semaphore(1));
        look(refresh);
        return refresh;
    }

    private CrlPartition partition() {
        return IssuerRevocations.of(authority.certificate(), clock)
                .withPartitions(List.of(point), CrlScope.END_ENTITY, false)
                .partition(point)
                .orElseThrow();
    }

    private static void look(CrlRefresh refresh) {
        assertThat(refresh.claim()).isTrue();
        refresh.run();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static BigInteger number(long number) {
        return BigInteger.valueOf(number);
    }
}
