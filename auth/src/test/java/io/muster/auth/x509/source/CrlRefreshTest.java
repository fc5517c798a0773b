package io.muster.auth.x509.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrlRefreshTest {

    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA");
    private static final Duration DAY = Duration.ofDays(1);

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final CrlPartition partition =
            IssuerRevocations.of(AUTHORITY.certificate(), clock)
                    .withPartitions(List.of(Optional.empty()), CrlScope.END_ENTITY, false)
                    .partition(Optional.empty())
                    .orElseThrow();
    private final FakeSource source = new FakeSource();
    private final Told told = new Told();
    private final CrlRefresh refresh;

    CrlRefreshTest(@TempDir Path folder) {
        refresh =
                new CrlRefresh(
                        partition,
                        source,
                        new CrlStore(folder),
                        told,
                        new LookClock(clock, clock::ticks, new SplittableRandom(1)),
                        new Semaphore(1));
    }

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

    /** As when there is too little memory for it, after its time was noted. */
    @Test
    void aListThatAnErrorKeptFromBeingTakenIsLookedAtAnewAlthoughItIsTheSame() {
        source.list = AUTHORITY.crl(1).der();
        source.error = new OutOfMemoryError("of a test");
        assertThatThrownBy(this::look).isSameAs(source.error);
        assertThat(told.refused).containsExactly(CrlFailure.UNAVAILABLE);
        assertThat(refresh.firstLook()).isCompleted();

        source.error = null;
        assertThat(nextLook()).isLessThan(Duration.ofSeconds(20));
        assertThat(told.accepted).hasSize(1);
    }

    @Test
    void aListenerThatFailsKeepsNoListFromBeingInForce() {
        source.list = AUTHORITY.crl(1).der();
        told.broken = new IllegalStateException("broken");
        look();

        assertThat(partition.current()).isPresent();
        assertThat(nextLook()).isBetween(Duration.ofMinutes(7), Duration.ofMinutes(13));
    }

    @Test
    void whenTheClockIsSetItLooksAtOnceAndThenAsLaterAsEver() {
        source.list = AUTHORITY.crl(1).der();
        look();

        for (Duration step : List.of(DAY, DAY.negated(), Duration.ofSeconds(-61))) {
            clock.set(clock.instant().plus(step));
            assertThat(nextLook()).as("%s", step).isZero();
            assertThat(nextLook()).isBetween(Duration.ofSeconds(44), Duration.ofMinutes(13));
        }
        clock.set(clock.instant().plusSeconds(50));
        assertThat(refresh.claim()).isFalse();
    }

    @Test
    void whatWasRefusedIsLookedAtAnewWhenTheClockIsSet() {
        Instant later = TestAuthority.NOW.plus(DAY);
        source.list = AUTHORITY.crl(1).made(later, later.plus(DAY)).der();
        look();
        assertThat(told.refused).containsExactly(CrlFailure.NOT_YET_VALID);

        clock.set(later);
        assertThat(nextLook()).isZero();
        assertThat(told.accepted).hasSize(1);
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
}
