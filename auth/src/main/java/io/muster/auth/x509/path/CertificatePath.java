package io.muster.auth.x509.path;

import io.muster.auth.x509.algorithm.KeyStrength;
import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.auth.x509.revocation.RevocationStatus;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The way from a root to a certificate, checked when it is made as RFC 5280, 6.1 says and as our
 * own rules say besides; how those on it stand is asked anew each time. Immutable, shared.
 */
public final class CertificatePath {

    /** Of certificates below the root. */
    private static final int LENGTH_MAX = 8;

    private final X509Certificate root;
    private final SerialNumber numberOfRoot;
    private final IssuerRevocations ofRoot;
    private final List<Link> links;

    /** A certificate, and where it stands whether it is revoked. */
    private record Link(
            X509Certificate certificate,
            SerialNumber number,
            IssuerRevocations revocations,
            List<CrlPartition> covering) {

        Link(
                X509Certificate certificate,
                IssuerRevocations revocations,
                List<CrlPartition> covering) {
            this(
                    certificate,
                    SerialNumber.of(certificate.getSerialNumber()),
                    revocations,
                    covering);
        }
    }

    private CertificatePath(X509Certificate root, IssuerRevocations ofRoot, List<Link> links) {
        this.root = root;
        this.numberOfRoot = SerialNumber.of(root.getSerialNumber());
        this.ofRoot = ofRoot;
        this.links = List.copyOf(links);
    }

    /**
     * The path that is right now: signatures, names, dates, constraints, key usages, algorithms.
     * Takes its time: one signature for each certificate.
     *
     * @param root which is trusted, so its own signature is not looked at
     * @param below the one that the root issued first, the one in question last; may be empty
     * @throws CertificateRefusedException if it is not right; whether somebody is revoked is asked
     *     by {@link #requireStanding} alone
     */
    public static CertificatePath of(
            X509Certificate root,
            List<X509Certificate> below,
            RevocationLookup revocations,
            Instant now)
            throws CertificateRefusedException {
        if (below.size() > LENGTH_MAX) {
            throw new CertificateRefusedException(
                    RefusalCause.CHAIN_TOO_LONG,
                    "%d certificates below the root, at most %d are looked at"
                            .formatted(below.size(), LENGTH_MAX));
        }
        CertificateRules.requireRoot(root);
        CertificateRules.requireInTime(root, now);
        for (int i = 0; i < below.size(); i++) {
            if (i < below.size() - 1) {
                CertificateRules.requireAuthority(below.get(i));
            } else {
                CertificateRules.requireSound(below.get(i), KeyStrength.AUTHORITY);
            }
        }
        requireLength(root, below);
        if (!below.isEmpty()) {
            Pkix.validate(root, below, now);
        }
        return new CertificatePath(
                root, revocations.of(root, root), links(root, below, revocations));
    }

    /** Of what is below the root the JDK looks itself. */
    private static void requireLength(X509Certificate root, List<X509Certificate> below)
            throws CertificateRefusedException {
        long between =
                below.stream()
                        .limit(Math.max(0, below.size() - 1))
                        .filter(authority -> !isSelfIssued(authority))
                        .count();
        if (between > root.getBasicConstraints()) {
            throw CertificateRules.refused(
                    RefusalCause.PATH_LENGTH,
                    root,
                    "permits no path with %d authorities below it".formatted(between));
        }
    }

    private static List<Link> links(
            X509Certificate root, List<X509Certificate> below, RevocationLookup revocations)
            throws CertificateRefusedException {
        List<Link> links = new ArrayList<>();
        X509Certificate issuer = root;
        for (X509Certificate certificate : below) {
            IssuerRevocations ofIssuer = revocations.of(issuer, certificate);
            requireSignerOfLists(issuer, ofIssuer);
            links.add(new Link(certificate, ofIssuer, covering(ofIssuer, certificate)));
            issuer = certificate;
        }
        return links;
    }

    /** Whose lists are looked for must be able to sign them. */
    public static void requireSignerOfLists(
            X509Certificate authority, IssuerRevocations revocations)
            throws CertificateRefusedException {
        if (!revocations.partitions().isEmpty()) {
            CertificateRules.requireSignerOfLists(authority);
        }
    }

    /** The partitions that would name a certificate. */
    public static List<CrlPartition> covering(
            IssuerRevocations revocations, X509Certificate certificate)
            throws CertificateRefusedException {
        try {
            return revocations.covering(certificate);
        } catch (MalformedException e) {
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED, "distribution points: " + e.getMessage(), e);
        }
    }

    /** Issued under its own name, as when a key is replaced (RFC 5280, 6.1). */
    static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /**
     * All on it, the root too, are in time, and none is revoked. Of a root no list need say so, as
     * nobody is above it; but if its own does, that is heeded. Never blocks.
     *
     * @return how fresh the oldest list is that says so; with nobody below the root, fresh
     * @throws CertificateRefusedException for the first one that is not
     */
    public Freshness requireStanding(Instant now, FreshnessPolicy policy)
            throws CertificateRefusedException {
        CertificateRules.requireInTime(root, now);
        if (ofRoot.isRevoked(numberOfRoot)) {
            throw CertificateRules.refused(RefusalCause.REVOKED, root, "is revoked");
        }
        Freshness freshness = Freshness.FRESH;
        for (Link link : links) {
            X509Certificate certificate = link.certificate();
            CertificateRules.requireInTime(certificate, now);
            RevocationStatus status =
                    link.revocations().status(link.number(), link.covering(), now, policy);
            String subject = certificate.getSubjectX500Principal().toString();
            freshness = freshness.worse(requireNotRevoked(status, policy, subject));
        }
        return freshness;
    }

    /**
     * A status that lets in: not who is revoked, nor whom no list would ever name, whatever the
     * policy.
     *
     * @return how fresh the list is that says so
     */
    public static Freshness requireNotRevoked(
            RevocationStatus status, FreshnessPolicy policy, String subject)
            throws CertificateRefusedException {
        return switch (status) {
            case GOOD -> Freshness.FRESH;
            case GRACE -> Freshness.GRACE;
            case STALE -> {
                if (!policy.admitsStale()) {
                    throw new CertificateRefusedException(
                            RefusalCause.REVOCATION_STALE,
                            "the list that would name the certificate of '%s' is too old or missing"
                                    .formatted(subject));
                }
                yield Freshness.STALE;
            }
            case REVOKED ->
                    throw new CertificateRefusedException(
                            RefusalCause.REVOKED,
                            "the certificate of '%s' is revoked".formatted(subject));
            case NOT_COVERED ->
                    throw new CertificateRefusedException(
                            RefusalCause.NOT_COVERED,
                            "no list would name the certificate of '%s'".formatted(subject));
        };
    }
}
