package io.muster.ca.weakkey;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Known ways to find the factors of an RSA modulus from nothing but itself. All of them together
 * take about a sixth of a millisecond for 2048 bits. Without state, shared by threads; does not
 * block.
 */
public final class RsaWeakness {

    /** Rounds of Fermat's method; each tries one sum of the two factors. */
    static final int FERMAT_ROUNDS = 100;

    private static final int[] SMALL_PRIMES = primesBelow(1000);

    /** A square has one of few remainders by each of these; their product fits into an int. */
    private static final List<Remainders> SQUARES =
            IntStream.of(3, 5, 7, 11, 13, 17, 19, 23).mapToObj(RsaWeakness::squares).toList();

    private static final BigInteger PRODUCT_OF_SQUARES_PRIMES = BigInteger.valueOf(111_546_435);

    private static final Remainders LAST_BYTES_OF_SQUARES = squares(256);

    /** Powers of 65537 by the primes 3 to 167, which the shortest ROCA keys have in common. */
    private static final List<Remainders> POWERS =
            Arrays.stream(SMALL_PRIMES)
                    .filter(prime -> prime >= 3 && prime <= 167)
                    .mapToObj(RsaWeakness::powersOf65537)
                    .toList();

    private RsaWeakness() {}

    /**
     * What is wrong with a modulus, in words that follow "the modulus of the RSA key"; empty if
     * nothing is known against it.
     *
     * @param modulus odd, of at most some thousand bits
     */
    public static Optional<String> of(BigInteger modulus) {
        if (Arrays.stream(SMALL_PRIMES).anyMatch(prime -> remainder(modulus, prime) == 0)) {
            return Optional.of("has a prime factor below 1000");
        }
        if (hasCloseFactors(modulus)) {
            return Optional.of("is the product of two primes that are too close to each other");
        }
        if (isOfRoca(modulus)) {
            return Optional.of(
                    "was made by a chip that makes factorable keys (ROCA, CVE-2017-15361)");
        }
        return Optional.empty();
    }

    /**
     * Fermat: an odd n = pq is a² - b² for a = (p + q) / 2, which is only a little more than the
     * root of n when p and q are close.
     */
    static boolean hasCloseFactors(BigInteger modulus) {
        BigInteger a = modulus.sqrt();
        BigInteger rest = a.multiply(a).subtract(modulus);
        if (rest.signum() == 0) {
            return true;
        }
        for (int round = 0; round < FERMAT_ROUNDS; round++) {
            rest = rest.add(a.shiftLeft(1)).add(BigInteger.ONE);
            a = a.add(BigInteger.ONE);
            if (isSquare(rest)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The fingerprint of primes of the form kM + (65537^a mod M), M a product of the first primes:
     * such a modulus is a power of 65537 by each of them, of others about one in 2^154 is. M.
     * Nemec, M. Sys, P. Svenda, D. Klinec, V. Matyas: The Return of Coppersmith's Attack: Practical
     * Factorization of Widely Used RSA Moduli, ACM CCS 2017, section 2.
     */
    static boolean isOfRoca(BigInteger modulus) {
        return POWERS.stream().allMatch(powers -> powers.contain(modulus));
    }

    private static boolean isSquare(BigInteger number) {
        // Almost all others are out by their last byte and remainders, without a root
        int lastByte = number.intValue() & 0xff;
        if (!LAST_BYTES_OF_SQUARES.contain(lastByte)) {
            return false;
        }
        int remainder = number.mod(PRODUCT_OF_SQUARES_PRIMES).intValue();
        return SQUARES.stream().allMatch(squares -> squares.contain(remainder))
                && number.sqrtAndRemainder()[1].signum() == 0;
    }

    private static Remainders squares(int divisor) {
        return new Remainders(
                divisor, IntStream.range(0, divisor).map(root -> root * root % divisor));
    }

    private static Remainders powersOf65537(int prime) {
        int step = 65537 % prime;
        return new Remainders(
                prime, IntStream.iterate(1, power -> power * step % prime).limit(prime));
    }

    private static int remainder(BigInteger number, int divisor) {
        return number.mod(BigInteger.valueOf(divisor)).intValue();
    }

    private static int[] primesBelow(int end) {
        return IntStream.range(2, end)
                .filter(n -> IntStream.range(2, n).allMatch(divisor -> n % divisor != 0))
                .toArray();
    }

    /** Some of the remainders by a divisor. */
    private static final class Remainders {
        private final int divisor;
        private final BitSet members = new BitSet();

        Remainders(int divisor, IntStream members) {
            this.divisor = divisor;
            members.forEach(this.members::set);
        }

        boolean contain(int number) {
            return members.get(number % divisor);
        }

        boolean contain(BigInteger number) {
            return members.get(remainder(number, divisor));
        }
    }
}
