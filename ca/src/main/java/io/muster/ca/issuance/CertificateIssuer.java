package io.muster.ca.issuance;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.SigningKey;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.operator.ContentSigner;

/**
 * Makes certificates, and is the only one who signs any with an issuer's key. First a certificate
 * is signed with a throwaway key and looked at ({@link #prepare}); then the very bytes that were
 * looked at are signed, once, with the issuer's key ({@link #issue}). Shared by threads. It
 * computes for milliseconds, and waits if the key is in another device.
 */
public final class CertificateIssuer {

    private final SecureRandom random;
    private final Map<KeyKind, SigningKey> throwawayKeys = new ConcurrentHashMap<>();

    /** Throwaway keys are made of these bits, one of each kind when it is needed first. */
    public CertificateIssuer(SecureRandom random) {
        this.random = random;
    }

    /**
     * Checks all that can be checked before a signature.
     *
     * @throws RequestRefusedException if the issuer does not sign this, or does not live so long
     * @throws io.muster.ca.key.KeyUnusableException if the key cannot be used now
     * @throws FaultyCertificateException if the certificate would not be as its profile demands
     */
    public PreparedCertificate prepare(CertificateContent content) {
        requireIssuer(content);
        content.profile().requireKey(content.key());
        KeyKind kind = KeyKind.of(content.issuer().key().publicKey()).orElseThrow();
        SigningKey throwaway =
                throwawayKeys.computeIfAbsent(kind, any -> ThrowawayKey.of(any, random));
        X509CertificateHolder unused = sign(content, throwaway.signer());
        List<String> faults = CertificateLinter.faults(content, encoded(unused));
        if (!faults.isEmpty()) {
            throw new FaultyCertificateException(false, faults);
        }
        ContentSigner signer = content.issuer().key().signer();
        return new PreparedCertificate(content, toBeSigned(unused), signer);
    }

    private static void requireIssuer(CertificateContent content) {
        Issuer issuer = content.issuer();
        if (!issuer.signs(content.kind())) {
            throw new RequestRefusedException(
                    RefusalCode.ISSUER_UNAVAILABLE,
                    "issuer " + issuer.id() + " signs no certificates of a " + content.kind());
        }
        if (content.validity().notAfter().isAfter(issuer.end())) {
            throw new RequestRefusedException(
                    RefusalCode.VALIDITY_RANGE,
                    "the certificate would be valid until "
                            + content.validity().notAfter()
                            + ", but its issuer "
                            + issuer.id()
                            + " only until "
                            + issuer.end());
        }
    }

    /**
     * Signs it.
     *
     * @throws io.muster.ca.key.KeyUnusableException if the key cannot be used now
     * @throws FaultyCertificateException if what was signed is not what was looked at
     * @throws IllegalStateException if it was signed before
     */
    public IssuedCertificate issue(PreparedCertificate prepared) {
        byte[] toBeSigned = prepared.toBeSigned();
        ContentSigner signer = prepared.use();
        byte[] der = signed(toBeSigned, signer.getAlgorithmIdentifier(), sign(toBeSigned, signer));
        List<String> faults = new ArrayList<>();
        if (der.length > CertificateLinter.LONGEST_CERTIFICATE) {
            faults.add("it has " + der.length + " bytes");
        }
        IssuedCertificate certificate = IssuedCertificate.parse(der);
        X509CertificateHolder holder = certificate.holder();
        if (!Arrays.equals(toBeSigned(holder), toBeSigned)) {
            faults.add("it is not what was looked at");
        }
        if (!holder.getSignatureAlgorithm()
                .equals(holder.toASN1Structure().getTBSCertificate().getSignature())) {
            faults.add("it says two algorithms of its signature");
        }
        if (!isSignedBy(prepared.content().issuer().key(), toBeSigned, holder.getSignature())) {
            faults.add("its signature is wrong");
        }
        if (!faults.isEmpty()) {
            throw new FaultyCertificateException(true, faults);
        }
        return certificate;
    }

    /** Just the bytes that were looked at. */
    private static byte[] sign(byte[] toBeSigned, ContentSigner signer) {
        try (OutputStream out = signer.getOutputStream()) {
            out.write(toBeSigned);
        } catch (IOException impossible) {
            throw new IllegalStateException("a signer takes no bytes", impossible);
        }
        return signer.getSignature();
    }

    private static byte[] signed(
            byte[] toBeSigned, AlgorithmIdentifier algorithm, byte[] signature) {
        try {
            ASN1EncodableVector parts = new ASN1EncodableVector(3);
            parts.add(ASN1Primitive.fromByteArray(toBeSigned));
            parts.add(algorithm);
            parts.add(new DERBitString(signature));
            return new DERSequence(parts).getEncoded("DER");
        } catch (IOException impossible) {
            throw new IllegalStateException("a certificate cannot be encoded", impossible);
        }
    }

    private static X509CertificateHolder sign(CertificateContent content, ContentSigner signer) {
        return ToBeSigned.of(content).build(signer);
    }

    private static boolean isSignedBy(SigningKey key, byte[] toBeSigned, byte[] signature) {
        PublicKey publicKey = key.publicKey();
        try {
            Signature verifier =
                    Signature.getInstance(KeyKind.of(publicKey).orElseThrow().signatureAlgorithm());
            verifier.initVerify(publicKey);
            verifier.update(toBeSigned);
            return verifier.verify(signature);
        } catch (GeneralSecurityException unverifiable) {
            return false;
        }
    }

    private static byte[] toBeSigned(X509CertificateHolder certificate) {
        try {
            return certificate.toASN1Structure().getTBSCertificate().getEncoded("DER");
        } catch (IOException impossible) {
            throw new IllegalStateException("what was encoded is not encoded again", impossible);
        }
    }

    private static byte[] encoded(X509CertificateHolder certificate) {
        try {
            return certificate.getEncoded();
        } catch (IOException impossible) {
            throw new IllegalStateException("a certificate cannot be encoded", impossible);
        }
    }
}
