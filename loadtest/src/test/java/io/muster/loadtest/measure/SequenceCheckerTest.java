package io.muster.loadtest.measure;

import static io.muster.loadtest.measure.SequenceChecker.Verdict.DUPLICATE;
import static io.muster.loadtest.measure.SequenceChecker.Verdict.NEW;
import static io.muster.loadtest.measure.SequenceChecker.Verdict.OUT_OF_ORDER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceCheckerTest {

    private final SequenceChecker checker = new SequenceChecker(0);

    private List<SequenceChecker.Verdict> check(long... sequences) {
        List<SequenceChecker.Verdict> verdicts = new ArrayList<>();
        for (long sequence : sequences) {
            verdicts.add(checker.check(sequence));
        }
        return verdicts;
    }

    @Test
    void takesNumbersInOrder() {
        assertThat(check(0, 1, 2)).containsOnly(NEW);
        assertThat(checker.lost(3)).isZero();
    }

    @Test
    void countsWhatNeverCame() {
        check(0, 3, 4);
        assertThat(checker.lost(5)).isEqualTo(2);
    }

    @Test
    void countsWhatIsMissingAtTheBeginningAndAtTheEnd() {
        check(2);
        assertThat(checker.lost(10)).isEqualTo(9);
    }

    @Test
    void countsOnlyWhatWasPromised() {
        check(0, 5);
        assertThat(checker.lost(3)).isEqualTo(2);
        assertThat(checker.lost(0)).isZero();
    }

    @Test
    void countsAllAsLostWhenNothingCame() {
        assertThat(checker.lost(7)).isEqualTo(7);
    }

    @Test
    void seesALateNumberAsOutOfOrderAndNotAsLost() {
        assertThat(check(0, 2, 1)).containsExactly(NEW, NEW, OUT_OF_ORDER);
        assertThat(checker.lost(3)).isZero();
    }

    @Test
    void seesARepeatedNumberAsDuplicate() {
        assertThat(check(0, 1, 1, 0)).containsExactly(NEW, NEW, DUPLICATE, DUPLICATE);
    }

    @Test
    void seesASecondLateNumberAsDuplicate() {
        assertThat(check(0, 2, 1, 1)).containsExactly(NEW, NEW, OUT_OF_ORDER, DUPLICATE);
    }

    @Test
    void splitsAGapThatIsFilledInTheMiddle() {
        check(0, 6);
        assertThat(check(3, 3, 1, 5, 2, 4))
                .containsExactly(
                        OUT_OF_ORDER,
                        DUPLICATE,
                        OUT_OF_ORDER,
                        OUT_OF_ORDER,
                        OUT_OF_ORDER,
                        OUT_OF_ORDER);
        assertThat(checker.lost(7)).isZero();
    }

    @Test
    void countsForgottenGapsAsLostForGood() {
        int gaps = SequenceChecker.GAPS_MAX + 5;
        for (int i = 0; i <= gaps; i++) {
            checker.check(2L * i);
        }
        assertThat(checker.lost(2L * gaps + 1)).isEqualTo(gaps);
        assertThat(checker.check(1)).isEqualTo(DUPLICATE);
    }

    @Test
    void agreesWithAPlainSetOverRandomStreams() {
        for (int seed = 0; seed < 200; seed++) {
            agreesWithAPlainSet(new Random(seed), new SequenceChecker(0));
        }
    }

    private static void agreesWithAPlainSet(Random random, SequenceChecker each) {
        Set<Long> seen = new HashSet<>();
        long highest = -1;
        for (int i = 0; i < 100; i++) {
            long sequence = random.nextInt(60);
            SequenceChecker.Verdict expected =
                    !seen.add(sequence) ? DUPLICATE : sequence > highest ? NEW : OUT_OF_ORDER;
            highest = Math.max(highest, sequence);
            assertThat(each.check(sequence)).isEqualTo(expected);
        }
        for (long promised = 0; promised < 70; promised++) {
            long bound = promised;
            long came = seen.stream().filter(sequence -> sequence < bound).count();
            assertThat(each.lost(promised)).isEqualTo(promised - came);
        }
    }
}
