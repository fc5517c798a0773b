package io.muster.devices.certificate;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names a certificate: its issuer and its serial number, which no two certificates have in common
 * (RFC 5280, 4.1.2.2). Its text is {@code issuer/serial}.
 *
 * @param issuer of an own certificate authority its identifier, 1 to 64 letters, digits and {@code
 *     . _ -}; of another one {@code sha256:} and the hash of its name
 * @param serial hexadecimal digits in lower case: 16, or up to 40 if it does not fit
 */
public record CertificateId(String issuer, String serial) implements Comparable<CertificateId> {

    private static final String EXTERNAL = "sha256:";
    private static final int DIGITS_MIN = 16;
    private static final int BITS_MAX = 159;
    private static final Pattern WRITTEN_BESIDES = Pattern.compile("^[0:]+|:");
    private static final Pattern ISSUER = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern SERIAL =
            Pattern.compile("(?!0{16})[0-9a-f]{16}|[1-9a-f][0-9a-f]{16,39}");

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException saying which is wrong and what is allowed
     */
    public CertificateId {
        requireIssuer(issuer);
        requireSerial(serial);
    }

    static void requireSerial(String serial) {
        if (!SERIAL.matcher(serial).matches()) {
            throw new IllegalArgumentException(
                    "serial number '"
                            + serial
                            + "' is not positive, of 16 hexadecimal digits in lower case or, if it"
                            + " needs more, up to 40");
        }
    }

    /**
     * Returns {@code issuer} if it is one.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public static String requireIssuer(String issuer) {
        if (isExternal(issuer)) {
            var unused = new Sha256(issuer.substring(EXTERNAL.length()));
        } else if (!ISSUER.matcher(issuer).matches()) {
            throw new IllegalArgumentException(
                    "issuer '" + issuer + "' is not 1 to 64 letters, digits and . _ -");
        }
        return issuer;
    }

    /**
     * A certificate of another certificate authority than ours.
     *
     * @param issuerName the hash of the issuer's name
     * @param serial positive, at most 20 octets
     */
    public static CertificateId external(Sha256 issuerName, BigInteger serial) {
        return of(externalIssuer(issuerName), serial);
    }

    /** What another certificate authority than ours is called. */
    public static String externalIssuer(Sha256 issuerName) {
        return EXTERNAL + issuerName.hex();
    }

    /**
     * The certificate of an issuer with this serial number.
     *
     * @param serial positive, at most 20 octets
     */
    public static CertificateId of(String issuer, BigInteger serial) {
        if (serial.signum() <= 0 || serial.bitLength() > BITS_MAX) {
            throw new IllegalArgumentException(
                    "serial number is not positive and of at most 20 octets");
        }
        String digits = serial.toString(16);
        return new CertificateId(
                issuer, "0".repeat(Math.max(0, DIGITS_MIN - digits.length())) + digits);
    }

    /**
     * A serial number as this record has it, however it is written elsewhere: in capitals, with
     * colons between the octets, without the zeros before it or with more of them.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static String serialOf(String written) {
        String digits = WRITTEN_BESIDES.matcher(written).replaceAll("").toLowerCase(Locale.ROOT);
        String serial = "0".repeat(Math.max(0, DIGITS_MIN - digits.length())) + digits;
        if (!SERIAL.matcher(serial).matches()) {
            throw new IllegalArgumentException(
                    "serial number '%s' is not 1 to 40 hexadecimal digits, and more than 0"
                            .formatted(written));
        }
        return serial;
    }

    /** The serial number. */
    public BigInteger number() {
        return new BigInteger(serial, 16);
    }

    /**
     * The one with this text.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static CertificateId parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "certificate '" + text + "' is not an issuer, / and a serial number");
        }
        return new CertificateId(text.substring(0, slash), text.substring(slash + 1));
    }

    /** Whether another certificate authority than ours has issued it. */
    public boolean isExternal() {
        return isExternal(issuer);
    }

    /** Whether this is another certificate authority than ours. */
    public static boolean isExternal(String issuer) {
        return issuer.startsWith(EXTERNAL);
    }

    /** The order in which rows are locked, and lists come. */
    @Override
    public int compareTo(CertificateId other) {
        int order = issuer.compareTo(other.issuer);
        return order != 0 ? order : serial.compareTo(other.serial);
    }

    @Override
    public String toString() {
        return issuer + "/" + serial;
    }
}
