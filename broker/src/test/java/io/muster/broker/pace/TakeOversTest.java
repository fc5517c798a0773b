package io.muster.broker.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.pace.TakeOvers.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Three take-overs a minute are allowed; then the present one is left alone for 2, 4, 8, 10 s. */
class TakeOversTest {

    private static final TakeOverLimits LIMITS =
            new TakeOverLimits(
                    3, Duration.ofMinutes(1), Duration.ofSeconds(2), Duration.ofSeconds(10));

    private long now = -5_000_000_000L;
    private final TakeOvers takeOvers = new TakeOvers(LIMITS, () -> now);

    private Verdict attempt() {
        return takeOvers.attempt("c");
    }

    private void pass(double seconds) {
        now += (long) (seconds * 1e9);
    }

    private void contest() {
        for (int i = 0; i < 3; i++) {
            assertThat(attempt()).isEqualTo(Verdict.ALLOWED);
        }
        assertThat(takeOvers.isContested("c")).isFalse();
        assertThat(attempt()).isEqualTo(Verdict.ALLOWED_AND_CONTESTED);
    }

    /** Tries twice a second as somebody does who is refused; how long it took. */
    private double secondsUntilAllowed() {
        double waited = 0;
        while (attempt() == Verdict.REFUSED) {
            pass(0.5);
            waited += 0.5;
        }
        return waited;
    }

    @Test
    void leavesThePresentOneAloneOnceThereWereTooMany() {
        contest();

        assertThat(takeOvers.isContested("c")).isTrue();
        assertThat(attempt()).isEqualTo(Verdict.REFUSED);
        pass(1.9);
        assertThat(attempt()).isEqualTo(Verdict.REFUSED);
        pass(0.1);
        assertThat(attempt()).isEqualTo(Verdict.ALLOWED);
    }

    @Test
    void twoThatDoNotGiveUpWaitLongerAndLongerButNotForEver() {
        contest();

        assertThat(secondsUntilAllowed()).isEqualTo(2);
        assertThat(secondsUntilAllowed()).isEqualTo(4);
        assertThat(secondsUntilAllowed()).isEqualTo(8);
        assertThat(secondsUntilAllowed()).isEqualTo(10);
        assertThat(secondsUntilAllowed()).isEqualTo(10);
    }

    /** A device that leaves dead connections behind, since its radio is bad. */
    @Test
    void oneThatComesBackMoreSlowlyThanTheFirstHoldIsNeverRefused() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(attempt()).isNotEqualTo(Verdict.REFUSED);
            pass(2);
        }
        assertThat(takeOvers.isContested("c")).isTrue();
    }

    @Test
    void fewerThanTheLimitAreNothingToSpeakOf() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(attempt()).isEqualTo(Verdict.ALLOWED);
            pass(20);
        }
        assertThat(takeOvers.isContested("c")).isFalse();
    }

    @Test
    void isOverWhenNobodyHasTriedForSomeTime() {
        contest();
        secondsUntilAllowed();
        secondsUntilAllowed();
        pass(59);
        assertThat(takeOvers.contested()).isEqualTo(1);

        pass(1);

        assertThat(takeOvers.isContested("c")).isFalse();
        assertThat(takeOvers.contested()).isZero();
        assertThat(attempt()).isEqualTo(Verdict.ALLOWED);
    }

    @Test
    void othersAreNotConcerned() {
        contest();

        assertThat(takeOvers.isContested("other")).isFalse();
        assertThat(takeOvers.attempt("other")).isEqualTo(Verdict.ALLOWED);
    }

    @Test
    void forgetsThoseForWhichNobodyHasFoughtTheLongest() {
        contest();
        for (int i = 0; i < 9_999; i++) {
            takeOvers.attempt("other-" + i);
        }
        assertThat(takeOvers.isContested("c")).isTrue();
        assertThat(attempt()).isEqualTo(Verdict.REFUSED);
        takeOvers.attempt("one more");
        assertThat(takeOvers.isContested("c")).isTrue();

        for (int i = 0; i < 10_000; i++) {
            takeOvers.attempt("another-" + i);
        }

        assertThat(takeOvers.isContested("c")).isFalse();
    }

    @Test
    void zeroIsNoLimit() {
        TakeOvers unlimited = new TakeOvers(TakeOverLimits.NONE, () -> now);
        for (int i = 0; i < 1_000; i++) {
            assertThat(unlimited.attempt("c")).isEqualTo(Verdict.ALLOWED);
        }
        assertThat(unlimited.isContested("c")).isFalse();
    }
}
