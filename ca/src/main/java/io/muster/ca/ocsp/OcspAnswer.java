package io.muster.ca.ocsp;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is sent back, as {@code application/ocsp-response}, with HTTP status 200 also where it is an
 * error. Immutable.
 */
public final class OcspAnswer {

    private final OcspStatus status;
    private final byte[] encoded;
    private final Optional<Validity> validity;
    private final String detail;

    private OcspAnswer(
            OcspStatus status, byte[] encoded, Optional<Validity> validity, String detail) {
        this.status = status;
        this.encoded = encoded;
        this.validity = validity;
        this.detail = detail;
    }

    /** A signed one. */
    static OcspAnswer signed(byte[] encoded, Validity validity, boolean cacheable) {
        return new OcspAnswer(
                OcspStatus.SUCCESSFUL,
                encoded,
                cacheable ? Optional.of(validity) : Optional.empty(),
                "");
    }

    /** An error. */
    static OcspAnswer refused(OcspStatus status, byte[] encoded, String detail) {
        return new OcspAnswer(status, encoded, Optional.empty(), detail);
    }

    /** Whether it is an answer. */
    public OcspStatus status() {
        return status;
    }

    /** The DER: a copy. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /**
     * From when to when a cache may keep it, for {@code Last-Modified} and {@code Expires} of a GET
     * (RFC 5019, 5 and 6). Nothing if it may not: an error, or an answer to a nonce.
     */
    public Optional<Validity> validity() {
        return validity;
    }

    /** Why it is an error, for the log; empty if it is none. */
    public String detail() {
        return detail;
    }

    /**
     * The time for which an answer is good.
     *
     * @param thisUpdate from when; the same state was true then
     * @param nextUpdate until when
     */
    public record Validity(Instant thisUpdate, Instant nextUpdate) {

        /** For how long a cache may keep it yet, for {@code max-age}. */
        public Duration cacheFor(Instant now) {
            Duration left = Duration.between(now, nextUpdate);
            return left.isNegative() ? Duration.ZERO : left;
        }
    }
}
