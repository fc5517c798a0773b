package io.muster.ca.issuance;

import io.muster.ca.SerialNumber;
import io.muster.ca.Validity;
import java.security.PublicKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * What a certificate is to say, completely. Nothing of it comes from a signing request but the key.
 *
 * @param issuer who signs it
 * @param serial its number
 * @param profile what certificates of its kind may be like
 * @param subject whose it is
 * @param key the owner's key
 * @param validity from when until when
 */
public record CertificateContent(
        Issuer issuer,
        SerialNumber serial,
        IssuanceProfile profile,
        Subject subject,
        PublicKey key,
        Validity validity) {

    CertificateKind kind() {
        return profile.kind();
    }

    SubjectPublicKeyInfo keyInfo() {
        return SubjectPublicKeyInfo.getInstance(key.getEncoded());
    }
}
