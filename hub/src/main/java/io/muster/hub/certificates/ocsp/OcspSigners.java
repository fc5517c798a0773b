package io.muster.hub.certificates.ocsp;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.authority.CertificateAuthority;
import io.muster.ca.authority.CertificateOrder;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.key.SigningKey;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ocsp.OcspSigner;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.jspecify.annotations.Nullable;

/**
 * Who signs the answers about the certificates of each issuer: somebody whom it gave a certificate
 * for that, whose key is in memory only and is made at each start. An issuer that issues nothing
 * any more, as another generation has taken its place, signs them itself. Confined to one thread at
 * a time; blocks while it makes keys and has certificates issued.
 */
final class OcspSigners {

    private static final String ACTOR = "ocsp";

    private final CertificateAuthority authority;
    private final SecureRandom random;
    private final Clock clock;
    private final Map<IssuerId, Signer> signers = new HashMap<>();

    OcspSigners(CertificateAuthority authority, SecureRandom random, Clock clock) {
        this.authority = authority;
        this.random = random;
        this.clock = clock;
    }

    /**
     * One that is good.
     *
     * @param issuer whose he is
     * @param renewal when another is to take his place
     */
    private record Signer(IssuedCertificate issuer, OcspSigner signer, Instant renewal) {}

    /**
     * Who signs for an issuer now.
     *
     * @throws RuntimeException if there is none and none can be made
     */
    OcspSigner of(Issuer issuer) {
        Signer known = signers.get(issuer.id());
        if (known != null
                && known.issuer().equals(issuer.certificate())
                && clock.instant().isBefore(known.renewal())) {
            return known.signer();
        }
        Signer made = isActive(issuer) ? delegated(issuer) : itself(issuer);
        signers.put(issuer.id(), made);
        return made.signer();
    }

    /** Forgets the signers of issuers whose keys are destroyed; one that is away comes back. */
    void forgetDestroyed() {
        signers.keySet().removeIf(authority.hierarchy()::isDestroyed);
    }

    private boolean isActive(Issuer issuer) {
        try {
            return authority.hierarchy().active(issuer.id().authority()).id().equals(issuer.id());
        } catch (RequestRefusedException revoked) {
            return false;
        }
    }

    private static Signer itself(Issuer issuer) {
        return new Signer(
                issuer.certificate(),
                OcspSigner.issuer(issuer.certificate().holder(), issuer.key()),
                issuer.certificate().validity().notAfter());
    }

    private Signer delegated(Issuer issuer) {
        KeyKind kind = keyKind(issuer);
        Duration life = life(issuer);
        SigningKey key = ProviderKey.of("ocsp-" + issuer.id(), kind.generate(random));
        IssuanceProfile profile =
                IssuanceProfile.of(CertificateKind.OCSP_SIGNER)
                        .withKeys(Set.of(kind))
                        .withLife(life, life);
        LedgerEntry issued =
                authority.issue(
                        issuer.id().authority(),
                        CertificateOrder.ofOwnKey(
                                profile,
                                subject(issuer),
                                key,
                                new Owner.Server("ocsp." + issuer.id()),
                                ACTOR));
        if (!issued.id().issuer().equals(issuer.id())) {
            return itself(issuer); // Another generation has taken its place meanwhile.
        }
        IssuedCertificate certificate = issued.requireCertificate();
        return new Signer(
                issuer.certificate(),
                OcspSigner.delegated(issuer.certificate().holder(), certificate.holder(), key),
                certificate.validity().notAfter().minus(life.dividedBy(3)));
    }

    /** Of the issuer's sort, which its clients can verify. */
    private static KeyKind keyKind(Issuer issuer) {
        KeyKind kind = KeyKind.of(issuer.key().publicKey()).orElseThrow();
        return switch (kind) {
            case RSA_2048, RSA_3072, RSA_4096 -> KeyKind.RSA_2048;
            case EC_P256, EC_P384, ED25519 -> KeyKind.EC_P256;
        };
    }

    /** As long as is usual, if the issuer itself lives that long. */
    private Duration life(Issuer issuer) {
        Duration usual = CertificateKind.OCSP_SIGNER.usualLife();
        Duration left =
                Duration.between(clock.instant(), issuer.certificate().validity().notAfter());
        return left.compareTo(usual) < 0 ? left : usual;
    }

    private static Subject subject(Issuer issuer) {
        return Subject.authority(
                "OCSP responder of " + issuer.id(), organization(issuer.certificate()));
    }

    private static @Nullable String organization(IssuedCertificate issuer) {
        RDN[] organizations = issuer.holder().getSubject().getRDNs(BCStyle.O);
        return organizations.length == 0
                ? null
                : IETFUtils.valueToString(organizations[0].getFirst().getValue());
    }
}
