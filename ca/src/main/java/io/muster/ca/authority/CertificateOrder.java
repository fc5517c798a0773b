package io.muster.ca.authority;

import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.ledger.CertificateId;
import java.security.PublicKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that is wanted. Whoever orders it has found out who asks, and that he has the key.
 *
 * @param profile what it may be like
 * @param subject whose it is
 * @param key the owner's key
 * @param life how long it is to be valid; null for as long as is usual
 * @param owner who it belongs to, in the words of whoever orders: {@code pk/dk}
 * @param requestKey what tells this from other orders of the same owner for the same key, so that
 *     it can be repeated; null if it cannot
 * @param renewedFrom the certificate by which the owner proved who asks, if it was by one
 */
public record CertificateOrder(
        IssuanceProfile profile,
        Subject subject,
        PublicKey key,
        @Nullable Duration life,
        String owner,
        @Nullable String requestKey,
        @Nullable CertificateId renewedFrom) {

    /** An order that cannot be repeated, for as long as is usual. */
    public static CertificateOrder of(
            IssuanceProfile profile, Subject subject, PublicKey key, String owner) {
        return new CertificateOrder(profile, subject, key, null, owner, null, null);
    }

    /** The same for so long. */
    public CertificateOrder withLife(@Nullable Duration other) {
        return new CertificateOrder(profile, subject, key, other, owner, requestKey, renewedFrom);
    }

    /** The same, which can be repeated. */
    public CertificateOrder withRequestKey(@Nullable String other) {
        return new CertificateOrder(profile, subject, key, life, owner, other, renewedFrom);
    }

    /** The same, proved by that certificate. */
    public CertificateOrder withRenewedFrom(@Nullable CertificateId other) {
        return new CertificateOrder(profile, subject, key, life, owner, requestKey, other);
    }
}
