package io.muster.auth.x509;

import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.path.CertificatePath;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.CertificateRules;
import io.muster.auth.x509.path.Pkix;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.path.RevocationLookup;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An authority whose certificates let clients in: checked up to its root when it is made. Immutable
 * but for what is revoked, shared.
 */
public final class TrustedIssuer {

    /** Name constraints, policy constraints, anyPolicy inhibited: heeded below anchors only. */
    private static final Set<String> CONSTRAINTS = Set.of("2.5.29.30", "2.5.29.36", "2.5.29.54");

    private final X509Certificate certificate;
    private final IssuerKey key;
    private final CertificatePath path;
    private final List<X509Certificate> anchorAndBelow;
    private final IssuerRevocations revocations;

    private TrustedIssuer(
            List<X509Certificate> fromRoot, CertificatePath path, IssuerRevocations revocations)
            throws MalformedException {
        this.certificate = fromRoot.get(fromRoot.size() - 1);
        this.key = IssuerKey.of(certificate);
        this.path = path;
        this.revocations = revocations;
        boolean isConstrained = fromRoot.stream().skip(1).anyMatch(TrustedIssuer::constrainsOthers);
        this.anchorAndBelow = isConstrained ? List.copyOf(fromRoot) : List.of(certificate);
    }

    /**
     * An authority that is right up to its root: signatures, names, dates, each one an authority
     * that signs certificates, and lists if those are looked for, and is not kept from issuing for
     * clients, and the path long enough for one certificate more, and somewhere each would be named
     * if it were revoked. Takes its time.
     *
     * @param chain the authority first, its root last; one that is its own root stands alone
     * @param revocations of the authority itself, by this or another certificate of its name and
     *     key
     * @param above of those who issued what is above it
     * @throws CertificateRefusedException if something is wrong with it, or one is revoked
     * @throws IllegalArgumentException if the revocations are another authority's
     */
    public static TrustedIssuer of(
            List<X509Certificate> chain,
            IssuerRevocations revocations,
            RevocationLookup above,
            Instant now)
            throws CertificateRefusedException {
        if (chain.isEmpty()) {
            throw new CertificateRefusedException(
                    RefusalCause.NO_CERTIFICATE, "an authority without certificates");
        }
        requireSameIssuer(revocations.issuer(), chain.get(0));
        List<X509Certificate> fromRoot = new ArrayList<>(chain);
        Collections.reverse(fromRoot);
        X509Certificate root = fromRoot.get(0);
        if (!root.getSubjectX500Principal().equals(root.getIssuerX500Principal())) {
            throw CertificateRules.refused(
                    RefusalCause.PATH, root, "is last in the chain, but no root");
        }
        Pkix.validate(root, List.of(root), now);
        CertificatePath path =
                CertificatePath.of(root, fromRoot.subList(1, fromRoot.size()), above, now);
        CertificateRules.requireAuthority(chain.get(0));
        CertificatePath.requireSignerOfLists(chain.get(0), revocations);
        requireRoomBelow(fromRoot);
        // What is stale may be fresh again: that is asked for each client.
        path.requireStanding(now, new FreshnessPolicy(FreshnessPolicy.STRICT.grace(), true));
        try {
            return new TrustedIssuer(fromRoot, path, revocations);
        } catch (MalformedException e) {
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED, "the authority's key identifier", e);
        }
    }

    private static void requireSameIssuer(X509Certificate revoking, X509Certificate authority) {
        boolean isSame =
                revoking.getSubjectX500Principal().equals(authority.getSubjectX500Principal())
                        && revoking.getPublicKey().equals(authority.getPublicKey());
        if (!isSame) {
            throw new IllegalArgumentException(
                    "these are revocations of '%s', by name and key, not of '%s'"
                            .formatted(
                                    revoking.getSubjectX500Principal(),
                                    authority.getSubjectX500Principal()));
        }
    }

    /** So that a client's certificate may follow: pathLenConstraint counts authorities only. */
    private static void requireRoomBelow(List<X509Certificate> fromRoot)
            throws CertificateRefusedException {
        int below = 0;
        for (int i = fromRoot.size() - 1; i >= 0; i--) {
            X509Certificate authority = fromRoot.get(i);
            if (below > authority.getBasicConstraints()) {
                throw CertificateRules.refused(
                        RefusalCause.PATH_LENGTH,
                        authority,
                        "permits no path with %d authorities below it".formatted(below));
            }
            boolean isSelfIssued =
                    authority.getSubjectX500Principal().equals(authority.getIssuerX500Principal());
            below += isSelfIssued ? 0 : 1;
        }
    }

    private static boolean constrainsOthers(X509Certificate authority) {
        return CONSTRAINTS.stream().anyMatch(oid -> authority.getExtensionValue(oid) != null);
    }

    /** Its certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** What it has revoked. */
    public IssuerRevocations revocations() {
        return revocations;
    }

    IssuerKey key() {
        return key;
    }

    /** It and all above are in time, and none is revoked. Never blocks. */
    Freshness requireStanding(Instant now, FreshnessPolicy policy)
            throws CertificateRefusedException {
        try {
            return path.requireStanding(now, policy);
        } catch (CertificateRefusedException e) {
            throw new CertificateRefusedException(
                    e.refusal() == RefusalCause.REVOKED
                            ? RefusalCause.ISSUER_REVOKED
                            : RefusalCause.ISSUER_UNUSABLE,
                    "of the issuer: " + e.getMessage(),
                    e);
        }
    }

    /** This certificate is one of its. Verifies a signature. */
    void requireIssued(X509Certificate client, Instant now) throws CertificateRefusedException {
        List<X509Certificate> below =
                Stream.concat(anchorAndBelow.stream().skip(1), Stream.of(client)).toList();
        Pkix.validate(anchorAndBelow.get(0), below, now);
    }
}
