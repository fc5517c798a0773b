package io.muster.auth.x509;

import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.encoding.MalformedException;
import io.muster.auth.x509.path.CertificatePath;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.CertificateRules;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.RevocationStatus;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Judges the certificates of clients: in a handshake, when a TLS session is resumed, and at
 * CONNECT. Of one that was right before, with the same trusted authorities, the path is remembered;
 * dates, revocation and the freshness of lists are looked at each time.
 *
 * <p>Shared. Never blocks: nothing is fetched, no address in a certificate is followed. The first
 * look verifies a signature, later ones take a hash.
 */
public final class ClientCertificateCheck {

    /** More certificates than this are not looked at: the client's, and two authorities. */
    static final int CHAIN_MAX = 3;

    /** A certificate of more octets is not read. */
    static final int OCTETS_MAX = 8 * 1024;

    private final Supplier<TrustedIssuers> trusted;
    private final Function<TrustedIssuer, FreshnessPolicy> freshness;
    private final Clock clock;

    /**
     * Trusts whom it is told, at each look.
     *
     * @param trusted never waits; of several listeners all ask the same one, so that a change is in
     *     force for all of them at once
     */
    public ClientCertificateCheck(
            Supplier<TrustedIssuers> trusted, FreshnessPolicy freshness, Clock clock) {
        this(trusted, issuer -> freshness, clock);
    }

    /**
     * The same where authorities differ in what lists mean that are not fresh.
     *
     * @param freshness of each that is trusted, and those above it; never waits
     */
    public ClientCertificateCheck(
            Supplier<TrustedIssuers> trusted,
            Function<TrustedIssuer, FreshnessPolicy> freshness,
            Clock clock) {
        this.trusted = trusted;
        this.freshness = freshness;
        this.clock = clock;
    }

    /** Who is trusted now. */
    TrustedIssuers trusted() {
        return trusted.get();
    }

    /**
     * Judges a client by the certificates of its TLS session, its own first. Only that one counts;
     * others are but measured.
     *
     * @param chain may be empty
     */
    public CertificateVerdict check(List<? extends Certificate> chain) {
        try {
            return accepted(chain);
        } catch (CertificateRefusedException e) {
            return new CertificateVerdict.Refused(e.refusal(), String.valueOf(e.getMessage()));
        }
    }

    CertificateVerdict.Accepted accepted(List<? extends Certificate> chain)
            throws CertificateRefusedException {
        byte[] encoded = measured(chain);
        TrustedIssuers issuers = trusted.get();
        Instant now = clock.instant();
        String fingerprint = Certificates.fingerprint(encoded);
        Optional<ClientCertificate> known = issuers.remembered(fingerprint);
        if (known.isPresent()) {
            return standing(known.get(), now);
        }
        ClientCertificate certificate = read(encoded, fingerprint, issuers, now);
        CertificateVerdict.Accepted accepted = standing(certificate, now);
        issuers.remember(certificate);
        return accepted;
    }

    /** The client's own, if there are not too many, and none is too long. */
    private static byte[] measured(List<? extends Certificate> chain)
            throws CertificateRefusedException {
        if (chain.isEmpty()) {
            throw new CertificateRefusedException(
                    RefusalCause.NO_CERTIFICATE, "the client has no certificate");
        }
        if (chain.size() > CHAIN_MAX) {
            throw new CertificateRefusedException(
                    RefusalCause.CHAIN_TOO_LONG,
                    "%d certificates, at most %d are looked at".formatted(chain.size(), CHAIN_MAX));
        }
        byte[] own = encoded(chain.get(0));
        for (Certificate other : chain.subList(1, chain.size())) {
            encoded(other);
        }
        return own;
    }

    private static byte[] encoded(Certificate certificate) throws CertificateRefusedException {
        byte[] encoded;
        try {
            encoded = certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED, "a certificate cannot be encoded", e);
        }
        if (encoded.length > OCTETS_MAX) {
            throw new CertificateRefusedException(
                    RefusalCause.TOO_LARGE,
                    "a certificate has %d octets, at most %d are read"
                            .formatted(encoded.length, OCTETS_MAX));
        }
        return encoded;
    }

    private static ClientCertificate read(
            byte[] encoded, String fingerprint, TrustedIssuers issuers, Instant now)
            throws CertificateRefusedException {
        try {
            // By its bytes, whatever kind of object it came as.
            X509Certificate client = Certificates.parse(encoded);
            List<TrustedIssuer> named =
                    IssuerKey.namedBy(client).map(issuers::find).orElse(List.of());
            if (named.isEmpty()) {
                throw unknownIssuer(client);
            }
            ClientRules.require(client);
            return new ClientCertificate(
                    fingerprint,
                    client,
                    issuing(client, named, now),
                    CertificatePath.covering(named.get(0).revocations(), client));
        } catch (MalformedException e) {
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            // Of the JDK's parsers, which read parts of a certificate only when asked for them.
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED, "a certificate cannot be read", e);
        }
    }

    private static CertificateRefusedException unknownIssuer(X509Certificate client) {
        return CertificateRules.refused(
                RefusalCause.UNKNOWN_ISSUER,
                client,
                "names no trusted authority as its issuer, by name and key: '%s'"
                        .formatted(client.getIssuerX500Principal()));
    }

    /** Those of an issuer's certificates by which the path holds: at least one. */
    private static List<TrustedIssuer> issuing(
            X509Certificate client, List<TrustedIssuer> named, Instant now)
            throws CertificateRefusedException {
        List<TrustedIssuer> issuing = new ArrayList<>();
        Optional<CertificateRefusedException> refusal = Optional.empty();
        for (TrustedIssuer issuer : named) {
            try {
                issuer.requireIssued(client, now);
                issuing.add(issuer);
            } catch (CertificateRefusedException e) {
                refusal = Optional.of(e);
            }
        }
        if (issuing.isEmpty()) {
            throw refusal.orElseThrow();
        }
        return issuing;
    }

    private CertificateVerdict.Accepted standing(ClientCertificate certificate, Instant now)
            throws CertificateRefusedException {
        CertificateRules.requireInTime(
                certificate.notBefore(), certificate.notAfter(), now, certificate.toString());
        Freshness ofIssuer = standing(certificate.issuers(), now);
        FreshnessPolicy policy = freshness.apply(certificate.issuer());
        RevocationStatus status =
                certificate
                        .issuer()
                        .revocations()
                        .status(certificate.number(), certificate.covering(), now, policy);
        Freshness own =
                CertificatePath.requireNotRevoked(status, policy, certificate.subject().toString());
        return new CertificateVerdict.Accepted(certificate, own.worse(ofIssuer));
    }

    /** One of an issuer's certificates stands; how much is known of the best one that does. */
    private Freshness standing(List<TrustedIssuer> issuers, Instant now)
            throws CertificateRefusedException {
        Optional<Freshness> best = Optional.empty();
        Optional<CertificateRefusedException> refusal = Optional.empty();
        for (TrustedIssuer issuer : issuers) {
            try {
                Freshness standing = issuer.requireStanding(now, freshness.apply(issuer));
                best = Optional.of(best.map(standing::better).orElse(standing));
            } catch (CertificateRefusedException e) {
                refusal =
                        refusal.filter(other -> other.refusal().isRevocation())
                                .or(() -> Optional.of(e));
            }
        }
        if (best.isEmpty()) {
            throw refusal.orElseThrow();
        }
        return best.get();
    }
}
