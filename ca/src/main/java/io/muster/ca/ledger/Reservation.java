package io.muster.ca.ledger;

import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.Validity;
import io.muster.ca.issuance.CertificateKind;
import org.jspecify.annotations.Nullable;

/**
 * That a certificate is going to be signed, and whose it will be: written down before.
 *
 * @param id which it will be
 * @param kind what it is for
 * @param owner who it belongs to
 * @param key the owner's key
 * @param validity from when until when it will be valid
 * @param request who has asked for it
 * @param renewedFrom the certificate by which its owner proved who asks, if it was by one, as the
 *     ledger calls it, which may know other certificates than ours
 */
public record Reservation(
        CertificateId id,
        CertificateKind kind,
        Owner owner,
        KeyHash key,
        Validity validity,
        IssuanceRequest request,
        @Nullable String renewedFrom) {

    /**
     * Checks that the kind is one that this owner may have.
     *
     * @throws IllegalArgumentException if it is another's
     */
    public Reservation {
        if (!kind.isOf(owner)) {
            throw new IllegalArgumentException(
                    "a certificate of a " + kind + " cannot belong to " + owner);
        }
    }
}
