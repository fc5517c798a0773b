package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.authority.GenerationState;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import java.time.Instant;
import java.util.List;

/**
 * A root or an issuer, as it is at one time. Immutable.
 *
 * @param id which it is
 * @param kind what it may issue
 * @param certificate its own
 * @param state what it is there for
 * @param key where its key is
 * @param lists what it has published, in the order of partitions
 */
public record Generation(
        IssuerId id,
        CertificateKind kind,
        IssuedCertificate certificate,
        GenerationState state,
        KeyPlace key,
        List<ListStatus> lists) {

    /** Where the key of an issuer or a root is. */
    public enum KeyPlace {
        /** In an encrypted file of the data folder. */
        FILE,
        /** In a token of PKCS#11. */
        TOKEN,
        /** Not here: nothing can be signed until it is brought back. */
        AWAY,
        /** Deleted, for ever. */
        DESTROYED
    }

    /**
     * A revocation list.
     *
     * @param address where it is found
     * @param due whether another one should have taken its place
     * @param stale whether it is not good any more
     */
    public record ListStatus(PublishedCrl crl, String address, boolean due, boolean stale) {

        static ListStatus of(PublishedCrl crl, String address, Instant due, Instant now) {
            return new ListStatus(crl, address, !now.isBefore(due), now.isAfter(crl.nextUpdate()));
        }
    }

    /** Copies the list. */
    public Generation {
        lists = List.copyOf(lists);
    }
}
