package io.muster.auth.x509.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The set of serial numbers, beside one of the JDK. Seeds are in the message. */
class RevokedSerialsTest {

    private static final int SEEDS = 500;
    private static final BigInteger LARGEST =
            BigInteger.ONE.shiftLeft(159).subtract(BigInteger.ONE);

    @Test
    void containsWhatWasPutInAndNothingElse() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Set<BigInteger> model = serials(seed);
            RevokedSerials set = RevokedSerials.of(model);

            assertThat(set.size()).as("seed %d", seed).isEqualTo(model.size());
            for (BigInteger serial : model) {
                assertThat(set.contains(serial)).as("seed %d, %s", seed, serial).isTrue();
                neighbours(serial)
                        .forEach(
                                other ->
                                        assertThat(set.contains(other))
                                                .as("%s beside %s", other, serial)
                                                .isEqualTo(model.contains(other)));
            }
        }
    }

    @Test
    void aSetWithOthersContainsBoth() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Set<BigInteger> first = serials(seed);
            Set<BigInteger> second = serials(-seed - 1);
            Set<BigInteger> both = new HashSet<>(first);
            both.addAll(second);
            RevokedSerials set = RevokedSerials.of(first).with(second).with(first);

            assertThat(set.size()).as("seed %d", seed).isEqualTo(both.size());
            assertThat(both).as("seed %d", seed).allMatch(set::contains);
        }
    }

    /** As a list that takes the place of another one. */
    @Test
    void tellsWhatIsNotInAnotherSet() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Set<BigInteger> before = serials(seed);
            Set<BigInteger> now = serials(-seed - 1);
            now.addAll(before.stream().limit(before.size() / 2).toList());
            Set<BigInteger> model = new HashSet<>(now);
            model.removeAll(before);
            RevokedSerials other = RevokedSerials.of(before);
            Set<BigInteger> found = new HashSet<>();

            RevokedSerials set = RevokedSerials.of(now);
            OptionalInt next = OptionalInt.of(0);
            while (next.isPresent()) {
                List<BigInteger> some = new ArrayList<>();
                next = set.forEachNotIn(other, next.getAsInt(), 7, some::add);
                assertThat(some).as("seed %d", seed).hasSizeLessThanOrEqualTo(7);
                some.forEach(each -> assertThat(found.add(each)).as("once").isTrue());
            }
            assertThat(found).as("seed %d", seed).isEqualTo(model);
            assertThat(set.countNotIn(other)).isEqualTo(model.size());
        }
    }

    @Test
    void tellsWhatTwoSetsHaveInCommon() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Set<BigInteger> one = serials(seed);
            Set<BigInteger> other = serials(-seed - 1);
            other.addAll(one.stream().limit(one.size() / 2).toList());
            Set<BigInteger> model = new HashSet<>(one);
            model.retainAll(other);

            RevokedSerials both = RevokedSerials.of(one).and(RevokedSerials.of(other));
            assertThat(both.size()).as("seed %d", seed).isEqualTo(model.size());
            assertThat(model).as("seed %d", seed).allMatch(both::contains);
        }
        RevokedSerials few = RevokedSerials.of(List.of(BigInteger.ONE));
        RevokedSerials more = few.with(List.of(BigInteger.TWO));
        assertThat(few.and(more)).isSameAs(few);
        assertThat(more.and(few)).isSameAs(few);
    }

    @Test
    void aSerialNumberIsTheSameInWords() {
        for (BigInteger number :
                List.of(
                        BigInteger.ONE,
                        BigInteger.ONE.shiftLeft(63),
                        BigInteger.ONE.shiftLeft(64),
                        BigInteger.ONE.shiftLeft(127).add(BigInteger.TWO),
                        BigInteger.ONE.shiftLeft(128),
                        LARGEST)) {
            SerialNumber serial = SerialNumber.of(number);
            assertThat(serial.toBigInteger()).isEqualTo(number);
            assertThat(serial).isEqualTo(SerialNumber.of(number));
            assertThat(SerialNumber.of(BigInteger.ONE.shiftLeft(100)).compareTo(serial))
                    .isEqualTo(BigInteger.ONE.shiftLeft(100).compareTo(number));
        }
        assertThatThrownBy(() -> new SerialNumber(1L << 31, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SerialNumber(0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theEmptySetContainsNothing() {
        assertThat(RevokedSerials.none().contains(BigInteger.ONE)).isFalse();
        assertThat(RevokedSerials.none().contains(LARGEST)).isFalse();
        assertThat(RevokedSerials.none().size()).isZero();
    }

    @Test
    void takesSerialsOfOneToTwentyOctetsAndSaysSoOfOthers() {
        RevokedSerials set = RevokedSerials.of(List.of(BigInteger.ONE, LARGEST));

        assertThat(set.contains(BigInteger.ONE)).isTrue();
        assertThat(set.contains(LARGEST)).isTrue();
        for (BigInteger wrong :
                List.of(BigInteger.ZERO, BigInteger.ONE.negate(), LARGEST.add(BigInteger.ONE))) {
            assertThatThrownBy(() -> set.contains(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not positive or has more than 20 octets");
            assertThatThrownBy(() -> RevokedSerials.of(List.of(wrong)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** So that a million take 18 or 50 megabytes. */
    @Test
    void aSerialTakesAsManyWordsAsTheLongestNeedsAndAsMuchToSpare() {
        Random random = new Random(1);
        List<BigInteger> longest =
                Stream.generate(() -> new BigInteger(159, random).setBit(158))
                        .limit(50_000)
                        .toList();
        List<BigInteger> ours = longest.stream().map(serial -> serial.shiftRight(96)).toList();

        assertThat(RevokedSerials.of(ours).bytes() / ours.size()).isEqualTo(18);
        assertThat(RevokedSerials.of(longest).bytes() / longest.size()).isEqualTo(50);
    }

    private static Set<BigInteger> serials(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int bits = 1 + random.nextInt(159);
        Set<BigInteger> serials = new HashSet<>();
        for (int i = random.nextInt(60); i > 0; i--) {
            byte[] octets = new byte[20];
            random.nextBytes(octets);
            BigInteger serial = new BigInteger(1, octets).shiftRight(160 - bits);
            serials.add(serial.max(BigInteger.ONE));
        }
        return serials;
    }

    /** Those that differ in one bit, within a word or in others. */
    private static Stream<BigInteger> neighbours(BigInteger serial) {
        return Stream.of(0, 8, 62, 63, 64, 65, 127, 128, 129, 158)
                .map(serial::flipBit)
                .filter(SerialNumber::isSerial);
    }
}
