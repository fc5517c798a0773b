package io.muster.auth.x509.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CertificateKind;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CrlRefreshTest {

    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA");
    private static final Duration DAY = Duration.ofDays(1);

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final CrlPartition partition =
            IssuerRevocations.of(AUTHORITY.certificate(), clock)
                    .withPartitions(List.of(Optional.empty()), CertificateKind.END_ENTITY, false)
                    .partition(Optional.empty())
                    .orElseThrow();
    private final FakeSource source = new FakeSource();
    private final Told told = new Told();
    private final CrlRefresh refresh =
            new CrlRefresh(partition, source, told, clock, new SplittableRandom(1));

    @Test
    void looksAtOnceAndAgainAfterTheInterval() {
        source.list = AUTHORITY.crl(1).der();
        look();
        assertThat(told.accepted).extracting(AcceptedCrl::number).containsExactly(BigInteger.ONE);
        assertThat(refresh.firstLook()).isCompleted();

        source.list = AUTHORITY.crl(2).der();
        assertThat(nextLook()).isBetween(Duration.ofMinutes(7), Duration.ofMinutes(13));
        assertThat(partition.current().orElseThrow().number()).isEqualTo(2);
    }

    @Test
    void looksSeveralTimesBeforeAListEnds() {
        source.interval = Duration.ofDays(30);
        source.list = AUTHORITY.crl(1).der();
        look();

        assertThat(nextLook()).isBetween(Duration.ofHours(8), Duration.ofHours(16));
        assertThat(nextLook()).isLessThan(Duration.ofHours(11));
    }

    @Test
    void looksEveryMinuteOrSoWhenAListHasEnded() {
        source.list = AUTHORITY.crl(1).der();
        look();
        clock.advance(DAY.plusSeconds(1));
        look();

        assertThat(nextLook()).isBetween(Duration.ofSeconds(44), Duration.ofSeconds(76));
    }

    @Test
    void afterFailuresTriesAgainSoonAndThenEverLaterAndTellsEach() {
        source.interval = DAY.multipliedBy(30);
        source.failure = new IOException("unreachable");
        look();
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            pauses.add(nextLook());
        }

        assertThat(pauses.get(0)).isBetween(Duration.ofSeconds(11), Duration.ofSeconds(20));
        assertThat(pauses.get(2)).isBetween(Duration.ofSeconds(44), Duration.ofSeconds(76));
        assertThat(pauses.get(11)).isBetween(Duration.ofMinutes(11), Duration.ofMinutes(19));
        assertThat(told.refused).hasSize(13).containsOnly(CrlFailure.UNAVAILABLE);
    }

    @Test
    void aListThatWasRefusedIsLookedAtAnewAlthoughItIsTheSame() {
        Instant later = TestAuthority.NOW.plus(Duration.ofMinutes(6));
        source.list = AUTHORITY.crl(1).made(later, later.plus(DAY)).der();
        look();
        assertThat(told.refused).containsExactly(CrlFailure.NOT_YET_VALID);

        while (told.accepted.isEmpty() && clock.instant().isBefore(later)) {
            nextLook();
        }
        assertThat(told.accepted).hasSize(1);
        int looks = told.refused.size();
        nextLook();
        assertThat(told.refused).hasSize(looks);
    }

    @Test
    void aSourceThatFailsUnexpectedlyIsAFailureLikeOthers() {
        source.broken = new IllegalStateException("broken");
        look();

        assertThat(told.refused).containsExactly(CrlFailure.UNAVAILABLE);
        assertThat(nextLook()).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void runsOnceAtATime() {
        assertThat(refresh.claim()).isTrue();
        assertThat(refresh.claim()).isFalse();
        refresh.run();
        assertThat(refresh.claim()).isFalse();
    }

    @Test
    void theRefresherLooksAtAllSourcesOnThreadsOfItsOwn() throws Exception {
        source.list = AUTHORITY.crl(3).der();
        try (CrlRefresher refresher = new CrlRefresher(Map.of(partition, source), told, clock)) {
            assertThat(refresher.awaitFirstLooks(Duration.ofSeconds(10))).isTrue();
        }

        assertThat(partition.current().orElseThrow().number()).isEqualTo(3);
        assertThat(source.thread).isEqualTo("muster-crl");
    }

    private void look() {
        assertThat(refresh.claim()).isTrue();
        refresh.run();
    }

    /** Lets time pass until the next look, and how much that was. */
    private Duration nextLook() {
        Instant begun = clock.instant();
        while (!refresh.claim()) {
            clock.advance(Duration.ofSeconds(1));
            assertThat(Duration.between(begun, clock.instant())).isLessThan(DAY.multipliedBy(90));
        }
        refresh.run();
        return Duration.between(begun, clock.instant());
    }

    private static final class FakeSource implements CrlSource {

        private byte[] list = {};
        private byte[] last = {};
        private @Nullable IOException failure;
        private @Nullable RuntimeException broken;
        private Duration interval = Duration.ofMinutes(10);
        private volatile String thread = "";

        @Override
        public Optional<byte[]> fetch(boolean anyway) throws IOException {
            thread = Thread.currentThread().getName();
            if (failure != null) {
                throw failure;
            }
            if (broken != null) {
                throw broken;
            }
            if (list == last && !anyway) {
                return Optional.empty();
            }
            last = list;
            return Optional.of(list.clone());
        }

        @Override
        public Duration interval() {
            return interval;
        }
    }

    private static final class Told implements CrlListener {

        private final List<AcceptedCrl> accepted = new ArrayList<>();
        private final List<CrlFailure> refused = new ArrayList<>();

        @Override
        public synchronized void accepted(CrlPartition partition, AcceptedCrl list) {
            accepted.add(list);
        }

        @Override
        public synchronized void refused(CrlPartition partition, CrlFailure failure) {
            refused.add(failure);
        }
    }
}
