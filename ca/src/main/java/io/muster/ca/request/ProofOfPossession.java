package io.muster.ca.request;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.der.ObjectIdentifiers;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.pkcs.CertificationRequest;

/**
 * Whether who asks has the private half of the key: the request is signed with it.
 *
 * <p>The algorithms are those of the Java that runs this. BouncyCastle's test the modulus of each
 * RSA key that they have not seen for being a prime, which takes milliseconds, and then verify more
 * slowly.
 */
final class ProofOfPossession {

    private ProofOfPossession() {}

    /** Refuses a signature that is not the key's, or made in a way that is not allowed. */
    static void check(CertificationRequest request, CandidateKey key)
            throws RequestRefusedException {
        SignatureScheme scheme =
                SignatureScheme.of(request.getSignatureAlgorithm(), key).orElse(null);
        if (scheme == null) {
            throw new RequestRefusedException(
                    RefusalCode.CSR_SIGALG,
                    "The certification request is signed with the algorithm "
                            + ObjectIdentifiers.text(request.getSignatureAlgorithm().getAlgorithm())
                            + " and parameters that are not allowed, or not for its key; "
                            + SignatureScheme.ALLOWED
                            + ".");
        }
        if (!verifies(request, key, scheme)) {
            throw new RequestRefusedException(
                    RefusalCode.CSR_SIGNATURE,
                    "The signature of the certification request is not made with the private half"
                            + " of the key in it, or the request was changed after it was signed.");
        }
    }

    private static boolean verifies(
            CertificationRequest request, CandidateKey key, SignatureScheme scheme) {
        ASN1BitString bits = request.getSignature();
        if (bits.getPadBits() != 0) {
            return false;
        }
        if (key.publicKey() instanceof ECPublicKey curve
                && !EcdsaSignature.isInRange(bits.getOctets(), curve.getParams().getOrder())) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(scheme.name());
            if (scheme.parameters().isPresent()) {
                signature.setParameter(scheme.parameters().get());
            }
            signature.initVerify(key.publicKey());
            signature.update(request.getCertificationRequestInfo().getEncoded(ASN1Encoding.DER));
            return signature.verify(bits.getOctets());
        } catch (GeneralSecurityException | IOException e) {
            // So a signature is answered that is not even built as one
            return false;
        }
    }
}
