package io.muster.hub.certificates.trust;

import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * An authority whose certificates let clients in, and those above it. Immutable.
 *
 * @param name for people, and for metrics
 * @param chain the authority itself first, its root last
 * @param binding whose device its certificates let in
 * @param freshness what lists mean that are not fresh
 */
public record TrustedAuthority(
        String name, List<Link> chain, Binding binding, FreshnessPolicy freshness) {

    /** Copies the list. */
    public TrustedAuthority {
        chain = List.copyOf(chain);
    }

    /**
     * One of the authorities.
     *
     * @param issuer what the registry calls it
     * @param revocation how it is known what it has revoked
     */
    public record Link(X509Certificate certificate, String issuer, Revocation revocation) {}

    /**
     * How it is known what an authority has revoked. What the registry knows counts besides.
     *
     * @param kind where it is told
     * @param lists where its lists are, if it is by those
     * @param partitioned whether each list is of one distribution point, whose name is its address;
     *     otherwise there is one of all certificates
     */
    public record Revocation(Kind kind, List<String> lists, boolean partitioned) {

        /** Where it is told what an authority has revoked. The strictest is last. */
        public enum Kind {
            /** Nowhere: an operator wants it so. */
            UNCHECKED,
            /** In the registry alone. */
            REGISTRY,
            /** On lists. */
            LISTS
        }

        /** Copies the list. */
        public Revocation {
            lists = List.copyOf(lists);
        }

        /** By the registry, as of our own authorities. */
        public static final Revocation OWN = new Revocation(Kind.REGISTRY, List.of(), false);

        /** Nowhere. */
        public static final Revocation UNCHECKED = new Revocation(Kind.UNCHECKED, List.of(), false);
    }

    /** Its own certificate. */
    public X509Certificate certificate() {
        return chain.get(0).certificate();
    }

    /** What the registry calls it. */
    public String issuer() {
        return chain.get(0).issuer();
    }

    /** Whether it, or one above it, is among these, as the registry calls them. */
    boolean isBelow(Set<String> issuers) {
        return chain.stream().anyMatch(link -> issuers.contains(link.issuer()));
    }

    /** What a certificate of it is called. */
    public CertificateId id(BigInteger serial) {
        return CertificateId.of(issuer(), serial);
    }

    /** Whether it is ours. */
    public boolean isOwn() {
        return !CertificateId.isExternal(issuer());
    }

    /** What the registry calls an authority that is not ours: by the SHA-256 of its name in DER. */
    public static String externalIssuer(X500Principal name) {
        return CertificateId.externalIssuer(Sha256.of(name.getEncoded()));
    }
}
