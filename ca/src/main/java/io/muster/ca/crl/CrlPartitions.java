package io.muster.ca.crl;

import io.muster.ca.SerialNumber;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * Into how many CRLs the certificates of an issuer are divided, and where each CRL is found. Fixed
 * for the life of an issuer, since the address stands in each certificate. Immutable.
 *
 * <p>The partition of a serial number is the last four bytes of a SHA-256, read as an unsigned
 * number with the highest byte first, modulo the number of partitions. Hashed are the content
 * octets of the INTEGER {@code serialNumber} as it stands in the certificate: two's complement,
 * highest byte first, as few bytes as possible, with neither tag nor length. So 0x80 is hashed as
 * the two bytes 00 80.
 */
public final class CrlPartitions {

    /** How many there are unless something else is said. */
    public static final int DEFAULT_COUNT = 64;

    private static final int MAX_COUNT = 4096;

    private final int count;
    private final String address;
    private final boolean complete;

    private CrlPartitions(int count, String address, boolean complete) {
        this.count = count;
        this.address = absolute(address);
        this.complete = complete;
    }

    /**
     * Of an issuer of certificates for devices or servers: each CRL says that it holds those only
     * ({@code onlyContainsUserCerts}), and which partition's address it is of.
     *
     * @param count 1 to 4096
     * @param base what stands in each address before {@code <partition>.crl}
     */
    public static CrlPartitions ofUserCertificates(int count, String base) {
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "CRLs are divided by %d; 1 to %d is allowed".formatted(count, MAX_COUNT));
        }
        return new CrlPartitions(count, base, false);
    }

    /**
     * Of a root: one CRL of all that it issued. It has no issuing distribution point, since it is
     * complete (RFC 5280, 5.2.5), and so every reader takes it.
     */
    public static CrlPartitions complete(String address) {
        return new CrlPartitions(1, address, true);
    }

    private static String absolute(String address) {
        if (!URI.create(address).isAbsolute()) {
            throw new IllegalArgumentException("CRL address has no scheme: " + address);
        }
        if (!address.chars().allMatch(c -> c < 0x80)) {
            throw new IllegalArgumentException(
                    "CRL address has other characters than ASCII, which a certificate cannot hold: "
                            + address);
        }
        return address;
    }

    /** How many there are; they are called 0 to one less. */
    public int count() {
        return count;
    }

    /** Whether there is one CRL of everything. */
    public boolean isComplete() {
        return complete;
    }

    /** What its addresses are made of: the whole one if it is complete, or what they begin with. */
    public String base() {
        return address;
    }

    /** Which one a certificate belongs to. */
    public int of(SerialNumber serial) {
        return of(serial.toInteger());
    }

    /** The same for any serial number. */
    public int of(BigInteger serial) {
        byte[] hash = sha256().digest(serial.toByteArray());
        int low = ByteBuffer.wrap(hash).getInt(hash.length - Integer.BYTES);
        return Integer.remainderUnsigned(low, count);
    }

    /** Where the CRL of a partition is found, as it stands in its certificates. */
    public String address(int partition) {
        if (partition < 0 || partition >= count) {
            throw new IllegalArgumentException(
                    "there is no partition %d, but 0 to %d".formatted(partition, count - 1));
        }
        return complete ? address : address + partition + ".crl";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CrlPartitions that
                && count == that.count
                && complete == that.complete
                && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return Objects.hash(count, complete, address);
    }

    @Override
    public String toString() {
        return complete ? address : address + "0.." + (count - 1) + ".crl";
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
