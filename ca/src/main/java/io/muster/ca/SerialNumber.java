package io.muster.ca;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The serial number of a certificate of ours: a positive integer below 2<sup>63</sup>, since older
 * devices read it as a number of 64 bits (RFC 5280, 4.1.2.2 permits 20 octets). Its text, in APIs,
 * logs and storage, is 16 hexadecimal digits in lower case.
 *
 * @param value 1 to {@link Long#MAX_VALUE}
 */
public record SerialNumber(long value) implements Comparable<SerialNumber> {

    private static final HexFormat HEX = HexFormat.of();

    /** Checks that it is positive. */
    public SerialNumber {
        if (value <= 0) {
            throw new IllegalArgumentException("serial number is not positive");
        }
    }

    /** One of 63 random bits. */
    public static SerialNumber random(SecureRandom random) {
        long value;
        do {
            value = random.nextLong() & Long.MAX_VALUE;
        } while (value == 0);
        return new SerialNumber(value);
    }

    /**
     * The one with this text: 16 hexadecimal digits.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static SerialNumber parse(String text) {
        if (text.length() != 16) {
            throw new IllegalArgumentException(
                    "serial number is not of 16 hexadecimal digits, but of " + text.length());
        }
        return new SerialNumber(HexFormat.fromHexDigitsToLong(text));
    }

    /** As it stands in a certificate. */
    public BigInteger toInteger() {
        return BigInteger.valueOf(value);
    }

    @Override
    public int compareTo(SerialNumber other) {
        return Long.compare(value, other.value);
    }

    /** Its 16 digits. */
    @Override
    public String toString() {
        return HEX.toHexDigits(value);
    }
}
