package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.ledger.CertificateId;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * What there is at one time; immutable.
 *
 * @param certificates of all roots and issuers
 * @param crossCertificates roots signed by others, by the names of their files
 * @param issuers those whose keys are here, without roots
 * @param active the generations that issue
 * @param addresses where each root and issuer publishes
 * @param revoked the names of the files of those whose certificates are revoked
 * @param retired those of whom nothing is to be taken any more
 * @param signers who has signed each certificate, by the names of their files
 */
record HierarchyState(
        Map<IssuerId, IssuedCertificate> certificates,
        Map<String, IssuedCertificate> crossCertificates,
        Map<IssuerId, Issuer> issuers,
        Map<String, Integer> active,
        Map<IssuerId, IssuerAddresses> addresses,
        Set<String> revoked,
        Set<IssuerId> retired,
        Map<String, IssuerId> signers) {

    HierarchyState {
        certificates = Collections.unmodifiableMap(certificates);
        crossCertificates = Collections.unmodifiableMap(crossCertificates);
        issuers = Collections.unmodifiableMap(issuers);
        active = Map.copyOf(active);
        addresses = Map.copyOf(addresses);
        revoked = Set.copyOf(revoked);
        retired = Set.copyOf(retired);
        signers = Map.copyOf(signers);
    }

    /** The same, in which these are revoked besides: the names of their files. */
    HierarchyState withRevoked(Collection<String> more) {
        Set<String> all = new HashSet<>(revoked);
        all.addAll(more);
        return new HierarchyState(
                certificates, crossCertificates, issuers, active, addresses, all, retired, signers);
    }

    /** The same, in which these are retired, and no others. */
    HierarchyState withRetired(Set<IssuerId> all) {
        return new HierarchyState(
                certificates, crossCertificates, issuers, active, addresses, revoked, all, signers);
    }

    /** The same, in which the key of one is not here. */
    HierarchyState withoutKey(IssuerId id) {
        Map<IssuerId, Issuer> left = new TreeMap<>(Hierarchy.ORDER);
        left.putAll(issuers);
        left.remove(id);
        return new HierarchyState(
                certificates,
                crossCertificates,
                left,
                active,
                addresses,
                revoked,
                retired,
                signers);
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
     * Which root has signed each: roots themselves, and one of them each of the others.
     *
     * @return by the names of their files
     * @throws HierarchyUnusableException naming the one that nobody of ours has signed
     */
    static Map<String, IssuerId> signers(
            Map<IssuerId, IssuedCertificate> certificates,
            Map<String, IssuedCertificate> crossCertificates) {
        Map<IssuerId, IssuedCertificate> roots = new TreeMap<>(Hierarchy.ORDER);
        roots.putAll(certificates);
        roots.values().removeIf(certificate -> kind(certificate) != CertificateKind.ROOT);
        Map<String, IssuerId> signers = new TreeMap<>();
        certificates.forEach(
                (id, certificate) -> {
                    IssuedCertificate root = roots.get(id);
                    Map<IssuerId, IssuedCertificate> possible =
                            root == null ? roots : Map.of(id, root);
                    signers.put(id.toString(), signer(id.toString(), certificate, possible));
                });
        crossCertificates.forEach(
                (name, certificate) -> signers.put(name, signer(name, certificate, roots)));
        return signers;
    }

    private static IssuerId signer(
            String name, IssuedCertificate certificate, Map<IssuerId, IssuedCertificate> possible) {
        return possible.entrySet().stream()
                .filter(root -> isSignedBy(root.getValue(), certificate))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(
                        () ->
                                new HierarchyUnusableException(
                                        "file "
                                                + name
                                                + ".crt: no root of ours has signed this"
                                                + " certificate"));
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

    IssuerAddresses address(IssuerId id) {
        IssuerAddresses address = addresses.get(id);
        if (address == null) {
            throw new HierarchyUnusableException("there is no certificate of issuer " + id);
        }
        return address;
    }

    /** By itself, or with the root that has signed it. */
    boolean isRevoked(IssuerId id) {
        IssuerId signer = signers.get(id.toString());
        return revoked.contains(id.toString())
                || (signer != null && revoked.contains(signer.toString()));
    }

    /** Neither revoked nor retired: what it has issued may be taken. */
    boolean isStanding(IssuerId id) {
        return certificates.containsKey(id) && !isRevoked(id) && !isRetired(id);
    }

    /** Issuers, no roots, that are revoked by themselves or with their roots. */
    List<IssuerId> revokedIssuers() {
        return certificates.entrySet().stream()
                .filter(each -> kind(each.getValue()) != CertificateKind.ROOT)
                .map(Map.Entry::getKey)
                .filter(this::isRevoked)
                .toList();
    }

    /** The certificate by which an issuer is revoked: its own, or else its root's. */
    CertificateId revokedBy(IssuerId issuer) {
        String name = issuer.toString();
        IssuerId signer = Objects.requireNonNull(signers.get(name));
        return revoked.contains(name)
                ? certificateId(name, certificate(issuer))
                : certificateId(signer.toString(), certificate(signer));
    }

    boolean isRetired(IssuerId id) {
        return retired.contains(id);
    }

    GenerationState stateOf(IssuerId id) {
        if (isRevoked(id)) {
            return GenerationState.REVOKED;
        }
        if (isRetired(id)) {
            return GenerationState.RETIRED;
        }
        int issuing = activeId(id.authority()).generation();
        if (id.generation() == issuing) {
            return GenerationState.ACTIVE;
        }
        return id.generation() > issuing ? GenerationState.NEXT : GenerationState.PREVIOUS;
    }

    /**
     * The certificates for the key of an authority, by the names of their files: its own first,
     * then those by which other roots vouch for it.
     */
    Map<String, CertificateId> certificatesOf(IssuerId id) {
        Map<String, CertificateId> all = new LinkedHashMap<>();
        all.put(id.toString(), certificateId(id.toString(), certificate(id)));
        crossCertificates.forEach(
                (name, certificate) -> {
                    if (isCross(name, id, 0)) {
                        all.put(name, certificateId(name, certificate));
                    }
                });
        return all;
    }

    private CertificateId certificateId(String name, IssuedCertificate certificate) {
        return new CertificateId(Objects.requireNonNull(signers.get(name)), certificate.serial());
    }

    /** Whose key it is (0), or who has signed it (1). */
    private static boolean isCross(String name, IssuerId id, int place) {
        return name.split("\\.by\\.", 2)[place].equals(id.toString());
    }

    /** What a root has signed that is neither retired nor revoked nor a root itself. */
    List<IssuerId> below(IssuerId root) {
        return certificates.keySet().stream()
                .filter(id -> !id.equals(root) && root.equals(signers.get(id.toString())))
                .filter(this::isStanding)
                .toList();
    }

    boolean hasActive(String authority) {
        return active.containsKey(authority);
    }

    /**
     * The generation that issues. Nobody may guess: the one before may be there for its lists only.
     */
    IssuerId activeId(String authority) {
        Integer generation = active.get(authority);
        if (generation == null) {
            throw new HierarchyUnusableException(
                    "file active.properties does not say which generation of "
                            + authority
                            + " issues; there are "
                            + generations(authority));
        }
        return new IssuerId(authority, generation);
    }

    Optional<IssuerId> newest(String authority) {
        List<IssuerId> generations = generations(authority);
        return generations.isEmpty()
                ? Optional.empty()
                : Optional.of(generations.get(generations.size() - 1));
    }

    List<IssuerId> generations(String authority) {
        return certificates.keySet().stream()
                .filter(id -> id.authority().equals(authority))
                .sorted(Hierarchy.ORDER)
                .toList();
    }

    /**
     * What others are to trust: roots, the same signed by each other, issuers; none revoked, and
     * none retired.
     */
    List<IssuedCertificate> trusted() {
        List<IssuedCertificate> trusted = new ArrayList<>(standing(true));
        crossCertificates.forEach(
                (name, certificate) -> {
                    boolean isGone =
                            revoked.contains(name)
                                    || isRevoked(Objects.requireNonNull(signers.get(name)))
                                    || retired.stream()
                                            .anyMatch(
                                                    id ->
                                                            isCross(name, id, 0)
                                                                    || isCross(name, id, 1));
                    if (!isGone) {
                        trusted.add(certificate);
                    }
                });
        trusted.addAll(standing(false));
        return trusted;
    }

    private List<IssuedCertificate> standing(boolean roots) {
        return certificates.entrySet().stream()
                .filter(each -> (kind(each.getValue()) == CertificateKind.ROOT) == roots)
                .filter(each -> isStanding(each.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
