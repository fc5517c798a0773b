package io.muster.ca.ocsp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;

/**
 * How requests name an issuer: by hashes of its name and its key, of which SHA-1 is the one that
 * all clients use (RFC 5019, 2.1.1), as a name and not for safety. Immutable.
 */
final class HashedIssuer {

    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS =
            Map.of(
                    OIWObjectIdentifiers.idSHA1, "SHA-1",
                    NISTObjectIdentifiers.id_sha256, "SHA-256",
                    NISTObjectIdentifiers.id_sha384, "SHA-384",
                    NISTObjectIdentifiers.id_sha512, "SHA-512");

    private final byte[] name;
    private final byte[] key;

    HashedIssuer(X509CertificateHolder issuer) {
        try {
            this.name = issuer.getSubject().getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException("name of the issuer cannot be encoded", e);
        }
        this.key = issuer.getSubjectPublicKeyInfo().getPublicKeyData().getBytes();
    }

    /** Whether a certificate identifier names this issuer. */
    boolean isNamedBy(CertID id) {
        String algorithm = ALGORITHMS.get(id.getHashAlgorithm().getAlgorithm());
        return algorithm != null
                && MessageDigest.isEqual(hash(algorithm, key), id.getIssuerKeyHash().getOctets())
                && MessageDigest.isEqual(hash(algorithm, name), id.getIssuerNameHash().getOctets());
    }

    static byte[] sha1(byte[] of) {
        return hash("SHA-1", of);
    }

    private static byte[] hash(String algorithm, byte[] of) {
        try {
            return MessageDigest.getInstance(algorithm).digest(of);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has " + algorithm, e);
        }
    }
}
