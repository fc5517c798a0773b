package io.muster.ca.request;

import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * A way to sign that is allowed in requests.
 *
 * @param name what Java calls it
 * @param parameters of PSS; empty for all others
 */
record SignatureScheme(String name, Optional<AlgorithmParameterSpec> parameters) {

    /** All of them, for who used another one. */
    static final String ALLOWED =
            "allowed are RSA keys with PKCS#1 v1.5 or PSS and SHA-256, SHA-384 or SHA-512 (PSS with"
                    + " MGF1 of the same hash and a salt that is at least as long as it), EC keys"
                    + " with ECDSA and SHA-256 or SHA-384, Ed25519 keys with Ed25519";

    private static final Map<ASN1ObjectIdentifier, String> RSA =
            Map.of(
                    PKCSObjectIdentifiers.sha256WithRSAEncryption, "SHA256withRSA",
                    PKCSObjectIdentifiers.sha384WithRSAEncryption, "SHA384withRSA",
                    PKCSObjectIdentifiers.sha512WithRSAEncryption, "SHA512withRSA");

    private static final Map<ASN1ObjectIdentifier, String> EC =
            Map.of(
                    X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA",
                    X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA");

    private static final Map<ASN1ObjectIdentifier, String> ED25519 =
            Map.of(EdECObjectIdentifiers.id_Ed25519, "Ed25519");

    private static final Map<ASN1ObjectIdentifier, MGF1ParameterSpec> HASHES =
            Map.of(
                    NISTObjectIdentifiers.id_sha256, MGF1ParameterSpec.SHA256,
                    NISTObjectIdentifiers.id_sha384, MGF1ParameterSpec.SHA384,
                    NISTObjectIdentifiers.id_sha512, MGF1ParameterSpec.SHA512);

    /** What this algorithm is, if it is allowed for such a key. */
    static Optional<SignatureScheme> of(AlgorithmIdentifier algorithm, CandidateKey key) {
        ASN1Encodable parameters = algorithm.getParameters();
        boolean none = parameters == null;
        boolean noneOrNull = none || DERNull.INSTANCE.equals(parameters);
        return switch (key.kind()) {
            case RSA_2048, RSA_3072, RSA_4096 ->
                    PKCSObjectIdentifiers.id_RSASSA_PSS.equals(algorithm.getAlgorithm())
                            ? pss(
                                    parameters,
                                    ((RSAPublicKey) key.publicKey()).getModulus().bitLength())
                            // RFC 4055, 5: NULL, and none must be taken for it
                            : plain(RSA, algorithm, noneOrNull);
            // RFC 5758, 3.2; RFC 8410, 3
            case EC_P256, EC_P384 -> plain(EC, algorithm, none);
            case ED25519 -> plain(ED25519, algorithm, none);
        };
    }

    private static Optional<SignatureScheme> plain(
            Map<ASN1ObjectIdentifier, String> names,
            AlgorithmIdentifier algorithm,
            boolean parametersAllowed) {
        return Optional.ofNullable(names.get(algorithm.getAlgorithm()))
                .filter(name -> parametersAllowed)
                .map(name -> new SignatureScheme(name, Optional.empty()));
    }

    private static Optional<SignatureScheme> pss(@Nullable ASN1Encodable parameters, int keyBits) {
        if (parameters == null) {
            return Optional.empty();
        }
        RSASSAPSSparams pss;
        Optional<MGF1ParameterSpec> hash;
        Optional<MGF1ParameterSpec> ofMask;
        try {
            pss = RSASSAPSSparams.getInstance(parameters);
            hash = hash(pss.getHashAlgorithm());
            ofMask = hash(maskHash(pss.getMaskGenAlgorithm()));
        } catch (RuntimeException e) {
            // RFC 4055, 3.1 describes them; these are something else
            return Optional.empty();
        }
        if (hash.isEmpty()
                || !hash.equals(ofMask)
                || !BigInteger.ONE.equals(pss.getTrailerField())) {
            return Optional.empty();
        }
        return saltLength(pss.getSaltLength(), hash.get(), keyBits)
                .map(salt -> pss(hash.get(), salt));
    }

    private static SignatureScheme pss(MGF1ParameterSpec hash, int saltLength) {
        String name = hash.getDigestAlgorithm();
        return new SignatureScheme(
                "RSASSA-PSS", Optional.of(new PSSParameterSpec(name, "MGF1", hash, saltLength, 1)));
    }

    private static AlgorithmIdentifier maskHash(AlgorithmIdentifier mask) {
        if (!PKCSObjectIdentifiers.id_mgf1.equals(mask.getAlgorithm())) {
            throw new IllegalArgumentException("no MGF1");
        }
        return AlgorithmIdentifier.getInstance(mask.getParameters());
    }

    private static Optional<MGF1ParameterSpec> hash(@Nullable AlgorithmIdentifier algorithm) {
        if (algorithm == null
                || (algorithm.getParameters() != null
                        && !DERNull.INSTANCE.equals(algorithm.getParameters()))) {
            return Optional.empty();
        }
        return Optional.ofNullable(HASHES.get(algorithm.getAlgorithm()));
    }

    /** As long as the hash at least, and no longer than there is room (RFC 8017, 9.1.1). */
    private static Optional<Integer> saltLength(
            BigInteger length, MGF1ParameterSpec hash, int keyBits) {
        int hashBytes = Integer.parseInt(hash.getDigestAlgorithm().substring("SHA-".length())) / 8;
        int room = (keyBits + 6) / 8 - hashBytes - 2;
        boolean fits =
                length.compareTo(BigInteger.valueOf(hashBytes)) >= 0
                        && length.compareTo(BigInteger.valueOf(room)) <= 0;
        return fits ? Optional.of(length.intValueExact()) : Optional.empty();
    }
}
