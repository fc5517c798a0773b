package io.muster.auth.x509.algorithm;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.List;
import java.util.Optional;

/**
 * Which public keys are taken: RSA, EC on a named curve of the NIST, Ed25519. Nothing else, so no
 * DSA, no curve that a certificate describes itself. Shared, never blocks.
 */
public final class KeyStrength {

    /** Of devices: RSA with 2048 to 4096 bits, P-256, P-384, Ed25519. */
    public static final KeyStrength DEVICE =
            new KeyStrength(4096, List.of("secp256r1", "secp384r1"));

    /** Of authorities, which last longer: RSA up to 8192 bits, and P-521. */
    public static final KeyStrength AUTHORITY =
            new KeyStrength(8192, List.of("secp256r1", "secp384r1", "secp521r1"));

    private static final int RSA_BITS_MIN = 2048;
    private static final BigInteger EXPONENT_MIN = BigInteger.valueOf(65537);
    private static final int EXPONENT_BITS_MAX = 32;

    private final int rsaBitsMax;
    private final List<ECParameterSpec> curves;

    private KeyStrength(int rsaBitsMax, List<String> curves) {
        this.rsaBitsMax = rsaBitsMax;
        this.curves = curves.stream().map(KeyStrength::curve).toList();
    }

    /** What is wrong with a key; empty if it is taken. */
    public Optional<String> objection(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return rsaObjection(rsa);
        }
        if (key instanceof ECPublicKey ec) {
            boolean isNamed = curves.stream().anyMatch(curve -> isSame(curve, ec.getParams()));
            return isNamed ? Optional.empty() : Optional.of("EC key on a curve that is not taken");
        }
        if (key instanceof EdECPublicKey edwards) {
            String curve = edwards.getParams().getName();
            return curve.equals("Ed25519")
                    ? Optional.empty()
                    : Optional.of("key of %s, not of Ed25519".formatted(curve));
        }
        return Optional.of("key of %s, not of RSA, EC or Ed25519".formatted(key.getAlgorithm()));
    }

    private Optional<String> rsaObjection(RSAPublicKey key) {
        int bits = key.getModulus().bitLength();
        if (bits < RSA_BITS_MIN || bits > rsaBitsMax) {
            return Optional.of(
                    "RSA key of %d bits, not of %d to %d"
                            .formatted(bits, RSA_BITS_MIN, rsaBitsMax));
        }
        BigInteger exponent = key.getPublicExponent();
        boolean isUsual =
                exponent.testBit(0)
                        && exponent.compareTo(EXPONENT_MIN) >= 0
                        && exponent.bitLength() <= EXPONENT_BITS_MAX;
        return isUsual && key.getModulus().testBit(0)
                ? Optional.empty()
                : Optional.of(
                        "RSA key whose modulus or exponent is even, or whose exponent is not from"
                                + " 65537 to below 2^32");
    }

    private static boolean isSame(ECParameterSpec curve, ECParameterSpec other) {
        return curve.getCurve().equals(other.getCurve())
                && curve.getGenerator().equals(other.getGenerator())
                && curve.getOrder().equals(other.getOrder())
                && curve.getCofactor() == other.getCofactor();
    }

    private static ECParameterSpec curve(String name) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(name));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each JDK has " + name, e);
        }
    }
}
