package io.muster.ca.weakkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RsaWeaknessTest {

    @Test
    void nothingIsWrongWithUsualKeys() {
        for (int i = 0; i < 20; i++) {
            BigInteger modulus = TestKeys.prime(512).multiply(TestKeys.prime(512));

            assertThat(RsaWeakness.of(modulus)).as("%s", modulus).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 167, 173, 991, 997})
    void aSmallPrimeFactorIsFound(int factor) {
        BigInteger modulus = TestKeys.prime(512).multiply(BigInteger.valueOf(factor));

        assertThat(RsaWeakness.of(modulus)).contains("has a prime factor below 1000");
    }

    @Test
    void aPrimeFactorAboveThemIsNot() {
        BigInteger modulus = TestKeys.prime(512).multiply(BigInteger.valueOf(1009));

        assertThat(RsaWeakness.of(modulus)).isEmpty();
    }

    @Test
    void aSquareIsFound() {
        assertThat(RsaWeakness.hasCloseFactors(TestKeys.prime(512).pow(2))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 50, 95})
    void closePrimesAreFound(int rounds) {
        BigInteger[] primes = TestKeys.closePrimes(512, rounds);

        assertThat(roundsFor(primes)).isLessThanOrEqualTo(RsaWeakness.FERMAT_ROUNDS);
        assertThat(RsaWeakness.of(primes[0].multiply(primes[1])))
                .contains("is the product of two primes that are too close to each other");
    }

    @Test
    void primesThatNeedMoreRoundsAreNot() {
        BigInteger[] primes = TestKeys.closePrimes(512, 110);

        assertThat(roundsFor(primes)).isGreaterThan(RsaWeakness.FERMAT_ROUNDS);
        assertThat(RsaWeakness.of(primes[0].multiply(primes[1]))).isEmpty();
    }

    @Test
    void keysOfTheChipsOfRocaAreFound() {
        BigInteger modulus = TestKeys.rocaPrime(512).multiply(TestKeys.rocaPrime(512));

        assertThat(RsaWeakness.of(modulus))
                .hasValueSatisfying(why -> assertThat(why).contains("ROCA"));
        assertThat(RsaWeakness.isOfRoca(TestKeys.rocaPrime(512).multiply(TestKeys.prime(512))))
                .isFalse();
    }

    /** How far the half sum of the primes is above the root. */
    private static int roundsFor(BigInteger[] primes) {
        BigInteger half = primes[0].add(primes[1]).shiftRight(1);
        return half.subtract(primes[0].multiply(primes[1]).sqrt()).intValueExact();
    }
}
