package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * What there is at one time; immutable.
 *
 * @param certificates of all roots and issuers
 * @param crossCertificates roots signed by others, by the names of their files
 * @param issuers those whose keys are here, without roots
 * @param active the generations that issue, of authorities of which that was said
 */
record HierarchyState(
        Map<IssuerId, IssuedCertificate> certificates,
        Map<String, IssuedCertificate> crossCertificates,
        Map<IssuerId, Issuer> issuers,
        Map<String, Integer> active) {

    HierarchyState {
        certificates = Collections.unmodifiableMap(certificates);
        crossCertificates = Collections.unmodifiableMap(crossCertificates);
        issuers = Collections.unmodifiableMap(issuers);
        active = Map.copyOf(active);
    }

    /** What a certificate of an authority says of itself. */
    static CertificateKind kind(IssuedCertificate certificate) {
        ExtendedKeyUsage purposes =
                ExtendedKeyUsage.fromExtensions(certificate.holder().getExtensions());
        if (purposes == null) {
            return CertificateKind.ROOT;
        }
        return purposes.hasKeyPurposeId(KeyPurposeId.id_kp_clientAuth)
                ? CertificateKind.DEVICE_ISSUING
                : CertificateKind.SERVER_ISSUING;
    }

    /**
     * Checks that roots sign themselves, and a root each of the others.
     *
     * @throws HierarchyUnusableException naming the one that nobody of ours has signed
     */
    static void requireSignatures(
            Map<IssuerId, IssuedCertificate> certificates,
            Map<String, IssuedCertificate> crossCertificates) {
        Map<IssuerId, IssuedCertificate> roots = new TreeMap<>(Hierarchy.ORDER);
        roots.putAll(certificates);
        roots.values().removeIf(certificate -> kind(certificate) != CertificateKind.ROOT);
        certificates.forEach(
                (id, certificate) -> {
                    IssuedCertificate root = roots.get(id);
                    Collection<IssuedCertificate> signers =
                            root == null ? roots.values() : List.of(root);
                    requireSignature(id.toString(), certificate, signers);
                });
        crossCertificates.forEach(
                (name, certificate) -> requireSignature(name, certificate, roots.values()));
    }

    private static void requireSignature(
            String name, IssuedCertificate certificate, Collection<IssuedCertificate> signers) {
        if (signers.stream().noneMatch(signer -> isSignedBy(signer, certificate))) {
            throw new HierarchyUnusableException(
                    "file " + name + ".crt: no root of ours has signed this certificate");
        }
    }

    private static boolean isSignedBy(IssuedCertificate signer, IssuedCertificate signed) {
        try {
            PublicKey key = signer.toJava().getPublicKey();
            signed.toJava().verify(key);
            return true;
        } catch (GeneralSecurityException another) {
            return false;
        }
    }

    IssuedCertificate certificate(IssuerId id) {
        IssuedCertificate certificate = certificates.get(id);
        if (certificate == null) {
            throw new HierarchyUnusableException("there is no certificate of issuer " + id);
        }
        return certificate;
    }

    Optional<Issuer> issuer(IssuerId id) {
        return Optional.ofNullable(issuers.get(id));
    }

    /** The generation that issues: what was said, or else the first that there is. */
    IssuerId activeId(String authority) {
        Integer generation = active.get(authority);
        if (generation != null) {
            return new IssuerId(authority, generation);
        }
        return generations(authority).stream()
                .findFirst()
                .orElseThrow(
                        () ->
                                new HierarchyUnusableException(
                                        "authority " + authority + " has no certificate"));
    }

    Optional<IssuerId> newest(String authority) {
        List<IssuerId> generations = generations(authority);
        return generations.isEmpty()
                ? Optional.empty()
                : Optional.of(generations.get(generations.size() - 1));
    }

    private List<IssuerId> generations(String authority) {
        return certificates.keySet().stream()
                .filter(id -> id.authority().equals(authority))
                .sorted(Hierarchy.ORDER)
                .toList();
    }

    List<IssuedCertificate> roots() {
        return certificates.values().stream()
                .filter(certificate -> kind(certificate) == CertificateKind.ROOT)
                .toList();
    }

    List<IssuedCertificate> issuing() {
        return certificates.values().stream()
                .filter(certificate -> kind(certificate) != CertificateKind.ROOT)
                .toList();
    }
}
