package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.CrlPartitions;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuerAddresses;
import org.jspecify.annotations.Nullable;

/**
 * Where generations publish that are made from now on; those that are there stay where they are.
 *
 * @param base before {@code /crl/} and {@code /ca/}: {@code http://hub.example:8080}
 * @param partitions into how many revocation lists the certificates of an issuer of devices are
 *     divided; servers are few, and have one
 * @param responder where their responder (OCSP) is, if one runs
 */
public record PublicAddresses(String base, int partitions, @Nullable String responder) {

    /**
     * Checks that certificates can hold them.
     *
     * @throws IllegalArgumentException saying what they cannot
     */
    public PublicAddresses {
        addresses(base, partitions, responder, new IssuerId("a", 1), CertificateKind.ROOT);
        addresses(
                base, partitions, responder, new IssuerId("a", 1), CertificateKind.DEVICE_ISSUING);
    }

    /** Below this address, with as many lists as is usual, and no responder. */
    public static PublicAddresses below(String base) {
        return new PublicAddresses(base, CrlPartitions.DEFAULT_COUNT, null);
    }

    /** Those of one that is made now. */
    public IssuerAddresses of(IssuerId id, CertificateKind kind) {
        return addresses(base, partitions, responder, id, kind);
    }

    private static IssuerAddresses addresses(
            String base,
            int partitions,
            @Nullable String responder,
            IssuerId id,
            CertificateKind kind) {
        String lists = base + "/crl/" + id;
        return new IssuerAddresses(
                kind.isRoot()
                        ? CrlPartitions.complete(lists + ".crl")
                        : CrlPartitions.ofUserCertificates(
                                kind == CertificateKind.SERVER_ISSUING ? 1 : partitions,
                                lists + "/"),
                base + "/ca/" + id + ".crt",
                // A root's key is not there to sign answers, or to certify who does.
                kind.isRoot() ? null : responder);
    }
}
