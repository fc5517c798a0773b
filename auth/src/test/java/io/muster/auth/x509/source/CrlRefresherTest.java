package io.muster.auth.x509.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CrlRefresherTest {

    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA");
    private static final Duration SOON = Duration.ofSeconds(10);

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final Told told = new Told();
    private final CrlStore store;
    private final CountDownLatch over = new CountDownLatch(1);

    CrlRefresherTest(@TempDir Path folder) {
        store = new CrlStore(folder);
    }

    @AfterEach
    void end() {
        over.countDown();
    }

    @Test
    void looksAtAllSourcesOnThreadsOfItsOwn() throws Exception {
        FakeSource source = new FakeSource();
        source.list = AUTHORITY.crl(3).der();
        CrlPartition partition = partition(Optional.empty(), clock);
        try (CrlRefresher refresher = refresher(Map.of(partition, source), clock)) {
            assertThat(refresher.awaitFirstLooks(SOON)).isTrue();
        }

        assertThat(partition.current().orElseThrow().number()).isEqualTo(3);
        assertThat(source.thread).isEqualTo("muster-crl");
    }

    @Test
    void aSlowServerIsAskedForOneListAtATimeAndKeepsNoOtherSourceWaiting() throws Exception {
        SlowSource slow = new SlowSource();
        Map<CrlPartition, CrlSource> sources = new HashMap<>();
        for (int i = 0; i < 9; i++) {
            sources.put(partition(point(i), clock), slow);
        }
        FakeSource other = new FakeSource();
        other.list = AUTHORITY.crl(3).der();
        CrlPartition partition = partition(Optional.empty(), clock);
        sources.put(partition, other);
        try (CrlRefresher refresher = refresher(sources, clock)) {
            await().atMost(SOON).until(() -> partition.current().isPresent());
            assertThat(slow.mostAtATime).hasValueLessThanOrEqualTo(1);
            assertThat(refresher.awaitFirstLooks(Duration.ZERO)).isFalse();

            over.countDown();
            assertThat(refresher.awaitFirstLooks(SOON)).isTrue();
            assertThat(slow.mostAtATime).hasValue(1);
        }
    }

    @Test
    void looksAgainAlthoughSomethingFailedWhileItWasPlanned() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        InstantSource failing =
                () -> {
                    if (failures.getAndIncrement() == 1) {
                        throw new OutOfMemoryError("of a test");
                    }
                    return TestAuthority.NOW;
                };
        Clock clockThatFails = clock(failing);
        FakeSource source = new FakeSource();
        source.list = AUTHORITY.crl(3).der();
        CrlPartition partition = partition(Optional.empty(), clock);
        try (CrlRefresher refresher = refresher(Map.of(partition, source), clockThatFails)) {
            assertThat(refresher.awaitFirstLooks(SOON)).isTrue();
        }
        assertThat(partition.current()).isPresent();
        assertThat(failures).hasValueGreaterThan(2);
    }

    @Test
    void whoKeepsItsSourceGoesOnAndWhoHasNoneAnyMoreIsNotLookedAt() throws Exception {
        FakeSource source = new FakeSource();
        source.list = AUTHORITY.crl(3).der();
        CrlPartition partition = partition(Optional.empty(), clock);
        FakeSource other = new FakeSource();
        other.queue = "other";
        other.list = AUTHORITY.crl(3).der();
        CrlPartition another = partition(Optional.empty(), clock);
        try (CrlRefresher refresher = refresher(Map.of(partition, source), clock)) {
            assertThat(refresher.awaitFirstLooks(SOON)).isTrue();
            source.list = AUTHORITY.crl(4).der();

            refresher.watch(Map.of(partition, source, another, other));
            assertThat(refresher.awaitFirstLooks(SOON)).isTrue();
            assertThat(another.current()).isPresent();
            assertThat(partition.current().orElseThrow().number()).as("not asked").isEqualTo(3);

            refresher.watch(Map.of(another, other));
            clock.advance(Duration.ofHours(1));
            other.list = AUTHORITY.crl(5).der();
            await().atMost(SOON)
                    .until(() -> another.current().orElseThrow().number().intValue() == 5);
            assertThat(partition.current().orElseThrow().number()).isEqualTo(3);
        }
    }

    private static Clock clock(InstantSource source) {
        return source.withZone(ZoneOffset.UTC);
    }

    private CrlRefresher refresher(Map<CrlPartition, CrlSource> sources, Clock byClock) {
        return new CrlRefresher(sources, store, told, byClock);
    }

    private static Optional<DistributionPointName> point(int number) {
        return Optional.of(DistributionPointName.uri("http://hub/%d.crl".formatted(number)));
    }

    private static CrlPartition partition(Optional<DistributionPointName> point, Clock clock) {
        return IssuerRevocations.of(AUTHORITY.certificate(), clock)
                .withPartitions(Set.of(point), CrlScope.END_ENTITY, false)
                .partition(point)
                .orElseThrow();
    }

    /** Of many lists, none of which comes before the test is over. */
    private final class SlowSource implements CrlSource {

        private final AtomicInteger atATime = new AtomicInteger();
        private final AtomicInteger mostAtATime = new AtomicInteger();

        @Override
        public Optional<byte[]> fetch(boolean anyway) throws InterruptedException {
            mostAtATime.accumulateAndGet(atATime.incrementAndGet(), Math::max);
            over.await();
            atATime.decrementAndGet();
            return Optional.empty();
        }

        @Override
        public Duration interval() {
            return Duration.ofHours(1);
        }

        @Override
        public String queue() {
            return "slow";
        }
    }
}
