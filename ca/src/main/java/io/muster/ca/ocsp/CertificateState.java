package io.muster.ca.ocsp;

import io.muster.ca.RevocationReason;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Whether a certificate is good. Immutable. */
public final class CertificateState {

    /** It was issued, and is not revoked. Whether it has expired is not asked. */
    public static final CertificateState GOOD = new CertificateState(true, Optional.empty());

    /** No certificate with this number was issued. */
    public static final CertificateState UNKNOWN = new CertificateState(false, Optional.empty());

    private final boolean issued;
    private final Optional<Revocation> revocation;

    private CertificateState(boolean issued, Optional<Revocation> revocation) {
        this.issued = issued;
        this.revocation = revocation;
    }

    /** It is revoked, since then, to the second, and for this reason. */
    public static CertificateState revoked(Instant at, RevocationReason reason) {
        return new CertificateState(true, Optional.of(new Revocation(at, reason)));
    }

    boolean isIssued() {
        return issued;
    }

    Optional<Revocation> revocation() {
        return revocation;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CertificateState that
                && issued == that.issued
                && revocation.equals(that.revocation);
    }

    @Override
    public int hashCode() {
        return Objects.hash(issued, revocation);
    }

    @Override
    public String toString() {
        return revocation.map(Revocation::toString).orElse(issued ? "good" : "unknown");
    }

    /** Since when, and why. */
    record Revocation(Instant at, RevocationReason reason) {}
}
