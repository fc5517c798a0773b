package io.muster.ca.request;

import io.muster.ca.KeyHash;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.der.ObjectIdentifiers;
import io.muster.ca.der.StrictDer;
import io.muster.ca.key.KeyKind;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.ca.weakkey.NamedCurve;
import io.muster.ca.weakkey.RsaWeakness;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * The rules about the key in a request. What it claims to be is looked at before its numbers are,
 * and they before any arithmetic is done with them. Each key that passes has one encoding only (RSA
 * with parameters NULL, points uncompressed), so that its hash finds it again. Immutable, shared by
 * threads; does not block.
 */
final class PublicKeyRules {

    private static final BigInteger SMALLEST_EXPONENT = BigInteger.valueOf(65537);
    private static final int EXPONENT_BITS = 32;
    private static final int ED25519_BYTES = 32;

    private static final Map<KeyKind, ASN1ObjectIdentifier> ALGORITHMS =
            Map.of(
                    KeyKind.RSA_2048, PKCSObjectIdentifiers.rsaEncryption,
                    KeyKind.RSA_3072, PKCSObjectIdentifiers.rsaEncryption,
                    KeyKind.RSA_4096, PKCSObjectIdentifiers.rsaEncryption,
                    KeyKind.EC_P256, X9ObjectIdentifiers.id_ecPublicKey,
                    KeyKind.EC_P384, X9ObjectIdentifiers.id_ecPublicKey,
                    KeyKind.ED25519, EdECObjectIdentifiers.id_Ed25519);

    private static final Map<Integer, KeyKind> RSA_KINDS =
            Map.of(2048, KeyKind.RSA_2048, 3072, KeyKind.RSA_3072, 4096, KeyKind.RSA_4096);

    private static final Map<ASN1ObjectIdentifier, KeyKind> EC_KINDS =
            Map.of(
                    SECObjectIdentifiers.secp256r1, KeyKind.EC_P256,
                    SECObjectIdentifiers.secp384r1, KeyKind.EC_P384);

    private final KeyBlocklist blocklist;

    PublicKeyRules(KeyBlocklist blocklist) {
        this.blocklist = blocklist;
    }

    /** The key, if it is of a kind that is allowed, and no weak one. */
    CandidateKey check(SubjectPublicKeyInfo info, Set<KeyKind> allowed)
            throws RequestRefusedException {
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        if (allowed.stream().map(ALGORITHMS::get).noneMatch(algorithm::equals)) {
            throw typeNotAllowed(
                    "The key is of the algorithm " + ObjectIdentifiers.text(algorithm), allowed);
        }
        CandidateKey key;
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            key = rsa(info, allowed);
        } else if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            key = ec(info, allowed);
        } else {
            key = ed25519(info);
        }
        if (blocklist.contains(key.hash(), key.publicKey())) {
            throw weak("The private half of this key is known to others");
        }
        return key;
    }

    private static CandidateKey rsa(SubjectPublicKeyInfo info, Set<KeyKind> allowed)
            throws RequestRefusedException {
        // RFC 3279, 2.3.1
        if (!DERNull.INSTANCE.equals(info.getAlgorithm().getParameters())) {
            throw malformed("the parameters of an RSA key are NULL");
        }
        RSAPublicKey numbers = rsaNumbers(bits(info));
        BigInteger modulus = numbers.getModulus();
        BigInteger exponent = numbers.getPublicExponent();
        int bits = modulus.bitLength();
        KeyKind kind = allowedOf(RSA_KINDS.get(bits), allowed);
        if (kind == null) {
            throw new RequestRefusedException(
                    RefusalCode.KEY_SIZE_NOT_ALLOWED,
                    "The RSA key has " + bits + " bits; allowed are " + inWords(allowed) + ".");
        }
        if (!modulus.testBit(0)) {
            throw weak("The modulus of the RSA key is even");
        }
        if (!exponent.testBit(0)
                || exponent.compareTo(SMALLEST_EXPONENT) < 0
                || exponent.bitLength() > EXPONENT_BITS) {
            throw weak(
                    "The public exponent of the RSA key is not an odd number of at least 65537 and"
                            + " below 2^32");
        }
        Optional<String> weakness = RsaWeakness.of(modulus);
        if (weakness.isPresent()) {
            throw weak("The modulus of the RSA key " + weakness.get());
        }
        return candidate(kind, info, "RSA", new RSAPublicKeySpec(modulus, exponent));
    }

    private static RSAPublicKey rsaNumbers(byte[] encoded) throws RequestRefusedException {
        try {
            if (StrictDer.fault(encoded).isEmpty()) {
                RSAPublicKey numbers = RSAPublicKey.getInstance(encoded);
                // A negative number is read as a positive one, and written otherwise
                if (Arrays.equals(numbers.getEncoded(ASN1Encoding.DER), encoded)) {
                    return numbers;
                }
            }
        } catch (IOException | RuntimeException e) {
            // As for what is read and is not what would be written
        }
        throw malformed("an RSA key is a sequence of modulus and exponent, in DER");
    }

    private static CandidateKey ec(SubjectPublicKeyInfo info, Set<KeyKind> allowed)
            throws RequestRefusedException {
        // Explicit parameters, those of a binary field and none at all stop here (RFC 5480, 2.1.1)
        ASN1Encodable parameters = info.getAlgorithm().getParameters();
        if (!(parameters instanceof ASN1ObjectIdentifier curve)) {
            throw typeNotAllowed("The EC key has no named curve", allowed);
        }
        KeyKind kind = allowedOf(EC_KINDS.get(curve), allowed);
        if (kind == null) {
            throw typeNotAllowed(
                    "The EC key is on the curve " + ObjectIdentifiers.text(curve), allowed);
        }
        byte[] point = bits(info);
        if (point.length > 1
                && (point[0] == 2 || point[0] == 3 || point[0] == 6 || point[0] == 7)) {
            throw typeNotAllowed("The point of the EC key is compressed or hybrid", allowed);
        }
        NamedCurve named = kind == KeyKind.EC_P256 ? NamedCurve.P256 : NamedCurve.P384;
        ECPublicKeySpec key = named.key(point).orElse(null);
        if (key == null) {
            throw weak("The EC key is no uncompressed point on its curve, or it is infinity");
        }
        return candidate(kind, info, "EC", key);
    }

    private static CandidateKey ed25519(SubjectPublicKeyInfo info) throws RequestRefusedException {
        // RFC 8410, 3
        if (info.getAlgorithm().getParameters() != null) {
            throw malformed("an Ed25519 key has no parameters");
        }
        byte[] point = bits(info);
        if (point.length != ED25519_BYTES) {
            throw malformed("an Ed25519 key has 32 bytes");
        }
        // With a point of small order, anybody can make signatures that verify
        if (!Ed25519.validatePublicKeyFull(point, 0)) {
            throw weak("The Ed25519 key is no point of the group that such keys are in");
        }
        return candidate(KeyKind.ED25519, info, "Ed25519", new X509EncodedKeySpec(encoded(info)));
    }

    private static @Nullable KeyKind allowedOf(@Nullable KeyKind kind, Set<KeyKind> allowed) {
        return kind != null && allowed.contains(kind) ? kind : null;
    }

    private static byte[] bits(SubjectPublicKeyInfo info) throws RequestRefusedException {
        ASN1BitString bits = info.getPublicKeyData();
        if (bits.getPadBits() != 0) {
            throw malformed("a key has whole bytes");
        }
        return bits.getOctets();
    }

    private static byte[] encoded(SubjectPublicKeyInfo info) throws RequestRefusedException {
        try {
            return info.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw malformed("it has no encoding");
        }
    }

    private static CandidateKey candidate(
            KeyKind kind, SubjectPublicKeyInfo info, String algorithm, KeySpec spec)
            throws RequestRefusedException {
        try {
            PublicKey key = KeyFactory.getInstance(algorithm).generatePublic(spec);
            return new CandidateKey(kind, info, KeyHash.ofDer(encoded(info)), key);
        } catch (GeneralSecurityException e) {
            throw malformed("it is no key for this authority");
        }
    }

    private static String inWords(Set<KeyKind> kinds) {
        return kinds.stream()
                .sorted()
                .map(
                        kind ->
                                switch (kind) {
                                    case RSA_2048 -> "RSA of 2048 bits";
                                    case RSA_3072 -> "RSA of 3072 bits";
                                    case RSA_4096 -> "RSA of 4096 bits";
                                    case EC_P256 -> "EC on P-256";
                                    case EC_P384 -> "EC on P-384";
                                    case ED25519 -> "Ed25519";
                                })
                .collect(Collectors.joining(", "));
    }

    private static RequestRefusedException typeNotAllowed(String what, Set<KeyKind> allowed) {
        return new RequestRefusedException(
                RefusalCode.KEY_TYPE_NOT_ALLOWED,
                what
                        + "; allowed are "
                        + inWords(allowed)
                        + ", EC keys on a named curve and with an uncompressed point.");
    }

    private static RequestRefusedException weak(String what) {
        return new RequestRefusedException(
                RefusalCode.KEY_WEAK,
                what + ". Make a new key pair, with another program or device.");
    }

    private static RequestRefusedException malformed(String demand) {
        return new RequestRefusedException(
                RefusalCode.CSR_MALFORMED,
                "The key in the certification request cannot be read: " + demand + ".");
    }
}
