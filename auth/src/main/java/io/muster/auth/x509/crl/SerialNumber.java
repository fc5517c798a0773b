package io.muster.auth.x509.crl;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * The serial number of a certificate as sets of them look for it: positive, of at most 20 octets
 * (RFC 5280, 4.1.2.2), in three words. Immutable. Whoever asks often makes it once: of a number of
 * 20 octets that takes longer than to find it among a million.
 *
 * @param high its bits from 128 on
 * @param middle its bits from 64 to 127
 * @param low its lowest bits
 */
public record SerialNumber(long high, long middle, long low) implements Comparable<SerialNumber> {

    /** A serial number has no more octets than this, in DER. */
    public static final int OCTETS_MAX = 20;

    private static final int WORDS = 3;

    /** Checks it. */
    public SerialNumber {
        if (high < 0 || high >= 1L << (Byte.SIZE * OCTETS_MAX - 1 - 2 * Long.SIZE)) {
            throw refused(number(high, middle, low));
        }
        if ((high | middle | low) == 0) {
            throw refused(BigInteger.ZERO);
        }
    }

    /**
     * This number.
     *
     * @throws IllegalArgumentException if it is not positive or has more than 20 octets
     */
    public static SerialNumber of(BigInteger number) {
        if (!isSerial(number)) {
            throw refused(number);
        }
        return number.bitLength() <= Long.SIZE
                ? new SerialNumber(0, 0, number.longValue())
                : new SerialNumber(
                        number.shiftRight(2 * Long.SIZE).longValue(),
                        number.shiftRight(Long.SIZE).longValue(),
                        number.longValue());
    }

    /** Whether a certificate may have this number: it is positive and has at most 20 octets. */
    public static boolean isSerial(BigInteger number) {
        return number.signum() > 0 && number.bitLength() < Byte.SIZE * OCTETS_MAX;
    }

    private static IllegalArgumentException refused(BigInteger number) {
        return new IllegalArgumentException(
                "serial number is not positive or has more than %d octets: %s"
                        .formatted(OCTETS_MAX, number.toString(16)));
    }

    private static BigInteger number(long high, long middle, long low) {
        return new BigInteger(
                ByteBuffer.allocate(WORDS * Long.BYTES)
                        .putLong(high)
                        .putLong(middle)
                        .putLong(low)
                        .array());
    }

    /** How many words it needs: 1 to 3. */
    int words() {
        if (high != 0) {
            return WORDS;
        }
        return middle != 0 ? 2 : 1;
    }

    /** The number. */
    public BigInteger toBigInteger() {
        return number(high, middle, low);
    }

    @Override
    public int compareTo(SerialNumber other) {
        int order = Long.compare(high, other.high);
        order = order != 0 ? order : Long.compareUnsigned(middle, other.middle);
        return order != 0 ? order : Long.compareUnsigned(low, other.low);
    }
}
