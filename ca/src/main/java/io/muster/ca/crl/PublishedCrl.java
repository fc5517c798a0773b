package io.muster.ca.crl;

import io.muster.ca.SerialNumber;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * A CRL as it was published, checked when it was read back from its file. Immutable; shared by
 * threads. Besides its bytes it keeps 8 bytes for each certificate on it.
 */
public final class PublishedCrl {

    /** For how long a cache may keep one without asking again. */
    private static final Duration LONGEST_IN_CACHE = Duration.ofHours(1);

    private final Head head;
    private final byte[] encoded;
    private final String sha256;
    private final long[] serials;

    /** The serial numbers are in order. */
    PublishedCrl(Head head, byte[] encoded, String sha256, long[] serials) {
        this.head = head;
        this.encoded = encoded;
        this.sha256 = sha256;
        this.serials = serials;
    }

    /** Which partition of the issuer it is of. */
    public int partition() {
        return head.partition();
    }

    /** Its CRL number. */
    public long number() {
        return head.number();
    }

    /** When it was issued, dated back by a minute; for {@code Last-Modified}. */
    public Instant thisUpdate() {
        return head.thisUpdate();
    }

    /** When it was issued: {@link #thisUpdate} is dated back for readers whose clock is slow. */
    public Instant issuedAt() {
        return thisUpdate().plus(CrlTimes.SKEW);
    }

    /** Until when it is good. */
    public Instant nextUpdate() {
        return head.nextUpdate();
    }

    /** The DER, {@code application/pkix-crl}: a copy. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** The DER, to be read without a copy of it. */
    public InputStream open() {
        return new ByteArrayInputStream(encoded);
    }

    /** How many bytes the DER has. */
    public int length() {
        return encoded.length;
    }

    /** The SHA-256 of the DER in hexadecimal digits, good as an entity tag. */
    public String sha256() {
        return sha256;
    }

    /** How many certificates are on it. */
    public int entries() {
        return serials.length;
    }

    /** Whether a certificate is on it. */
    public boolean contains(SerialNumber serial) {
        return Arrays.binarySearch(serials, serial.value()) >= 0;
    }

    /** For how long a cache may keep it: an hour at most, and never past {@code nextUpdate}. */
    public Duration cacheFor(Instant now) {
        Duration left = Duration.between(now, nextUpdate());
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(LONGEST_IN_CACHE) < 0 ? left : LONGEST_IN_CACHE;
    }

    /** All serial numbers on it, in order: not to be changed. */
    long[] serials() {
        return serials;
    }

    /** The DER itself: not to be changed. */
    byte[] bytes() {
        return encoded;
    }

    @Override
    public String toString() {
        return "CRL %d of partition %d, %d entries".formatted(number(), partition(), entries());
    }

    /** What a CRL says about itself. */
    record Head(int partition, long number, Instant thisUpdate, Instant nextUpdate) {}
}
