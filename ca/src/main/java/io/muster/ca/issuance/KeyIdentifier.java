package io.muster.ca.issuance;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * What certificates call a key: SHA-1 of its bits (RFC 5280, 4.2.1.2, method 1). It tells keys
 * apart and secures nothing.
 */
final class KeyIdentifier {

    private KeyIdentifier() {}

    static byte[] of(SubjectPublicKeyInfo key) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(key.getPublicKeyData().getBytes());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-1", missing);
        }
    }
}
