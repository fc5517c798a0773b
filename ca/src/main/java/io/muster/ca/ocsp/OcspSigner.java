package io.muster.ca.ocsp;

import io.muster.ca.key.SigningKey;
import java.security.cert.CertificateException;
import java.time.Instant;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.ocsp.ResponderID;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * Who signs answers for an issuer: itself, or one whom it gave a certificate for that (RFC 6960,
 * 4.2.2.2). Immutable; shared by threads.
 */
public final class OcspSigner {

    private final X509CertificateHolder certificate;
    private final SigningKey key;
    private final boolean delegated;

    private OcspSigner(X509CertificateHolder certificate, SigningKey key, boolean delegated) {
        if (!certificate
                .getSubjectPublicKeyInfo()
                .equals(SubjectPublicKeyInfo.getInstance(key.publicKey().getEncoded()))) {
            throw new IllegalArgumentException(
                    "the key is not the one of the certificate of " + certificate.getSubject());
        }
        this.certificate = certificate;
        this.key = key;
        this.delegated = delegated;
    }

    /** The issuer, with the key that signs its certificates. */
    public static OcspSigner issuer(X509CertificateHolder issuer, SigningKey key) {
        return new OcspSigner(issuer, key, false);
    }

    /**
     * Somebody with a certificate of the issuer's for signing OCSP answers, which goes with each.
     * It should say {@code id-pkix-ocsp-nocheck}, as clients would ask whether it is revoked.
     */
    public static OcspSigner delegated(
            X509CertificateHolder issuer, X509CertificateHolder certificate, SigningKey key) {
        ExtendedKeyUsage usage = ExtendedKeyUsage.fromExtensions(certificate.getExtensions());
        if (usage == null || !usage.hasKeyPurposeId(KeyPurposeId.id_kp_OCSPSigning)) {
            throw new IllegalArgumentException(
                    certificate.getSubject() + " may not sign OCSP answers: no OCSPSigning");
        }
        if (!certificate.getIssuer().equals(issuer.getSubject())
                || !isSigned(certificate, issuer)) {
            throw new IllegalArgumentException(
                    "%s is not certified by %s"
                            .formatted(certificate.getSubject(), issuer.getSubject()));
        }
        return new OcspSigner(certificate, key, true);
    }

    private static boolean isSigned(
            X509CertificateHolder certificate, X509CertificateHolder issuer) {
        try {
            return certificate.isSignatureValid(
                    new JcaContentVerifierProviderBuilder().build(issuer));
        } catch (CertException | OperatorCreationException | CertificateException e) {
            return false;
        }
    }

    X509CertificateHolder certificate() {
        return certificate;
    }

    SigningKey key() {
        return key;
    }

    /** What goes with an answer: nothing if the client has it anyway. */
    X509CertificateHolder[] chain() {
        return delegated ? new X509CertificateHolder[] {certificate} : new X509CertificateHolder[0];
    }

    /** By its key, which is shorter than its name. */
    RespID id() {
        byte[] hash =
                HashedIssuer.sha1(
                        certificate.getSubjectPublicKeyInfo().getPublicKeyData().getBytes());
        return new RespID(new ResponderID(new DEROctetString(hash)));
    }

    boolean isValidAt(Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant()) && !now.isAfter(notAfter());
    }

    Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }
}
