package io.muster.auth.x509.algorithm;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How certificates and lists are signed that are taken: with SHA-256 or better, and RSA (PKCS #1
 * v1.5 or PSS), ECDSA or Ed25519. Immutable.
 *
 * @param name as the JDK calls it
 * @param keyAlgorithm of the keys that sign so
 * @param pss parameters of RSA-PSS
 */
public record SignatureAlgorithm(String name, String keyAlgorithm, @Nullable PSSParameterSpec pss) {

    private static final String PSS = "1.2.840.113549.1.1.10";
    private static final byte[] NULL = {5, 0};

    private static final Map<String, SignatureAlgorithm> PLAIN =
            Map.of(
                    "1.2.840.113549.1.1.11", plain("SHA256withRSA", "RSA"),
                    "1.2.840.113549.1.1.12", plain("SHA384withRSA", "RSA"),
                    "1.2.840.113549.1.1.13", plain("SHA512withRSA", "RSA"),
                    "1.2.840.10045.4.3.2", plain("SHA256withECDSA", "EC"),
                    "1.2.840.10045.4.3.3", plain("SHA384withECDSA", "EC"),
                    "1.2.840.10045.4.3.4", plain("SHA512withECDSA", "EC"),
                    "1.3.101.112", plain("Ed25519", "EdDSA"));

    private static final Map<String, MGF1ParameterSpec> MASKS =
            Map.of(
                    "SHA-256", MGF1ParameterSpec.SHA256,
                    "SHA-384", MGF1ParameterSpec.SHA384,
                    "SHA-512", MGF1ParameterSpec.SHA512);

    private static SignatureAlgorithm plain(String name, String keyAlgorithm) {
        return new SignatureAlgorithm(name, keyAlgorithm, null);
    }

    /**
     * The one that an AlgorithmIdentifier names; empty if it is not taken.
     *
     * @param parameters in DER; null if there are none
     */
    public static Optional<SignatureAlgorithm> of(String identifier, byte @Nullable [] parameters) {
        if (identifier.equals(PSS)) {
            return parameters == null ? Optional.empty() : pss(parameters);
        }
        SignatureAlgorithm plain = PLAIN.get(identifier);
        boolean mayHaveNull = plain != null && plain.keyAlgorithm.equals("RSA");
        boolean isWellFormed =
                parameters == null || (mayHaveNull && Arrays.equals(parameters, NULL));
        return isWellFormed ? Optional.ofNullable(plain) : Optional.empty();
    }

    private static Optional<SignatureAlgorithm> pss(byte[] encoded) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(encoded);
            PSSParameterSpec pss = parameters.getParameterSpec(PSSParameterSpec.class);
            MGF1ParameterSpec mask = MASKS.get(pss.getDigestAlgorithm());
            boolean isTaken =
                    mask != null
                            && pss.getMGFParameters() instanceof MGF1ParameterSpec given
                            && given.getDigestAlgorithm().equals(mask.getDigestAlgorithm())
                            && pss.getTrailerField() == PSSParameterSpec.TRAILER_FIELD_BC;
            return isTaken
                    ? Optional.of(new SignatureAlgorithm("RSASSA-PSS", "RSA", pss))
                    : Optional.empty();
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Whether this key signed the octets from one index to before another. Takes its time. */
    public boolean verifies(PublicKey key, byte[] bytes, int from, int to, byte[] signature) {
        boolean fits =
                key.getAlgorithm().equals(keyAlgorithm)
                        || (keyAlgorithm.equals("EdDSA") && key.getAlgorithm().equals("Ed25519"));
        if (!fits) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(name);
            if (pss != null) {
                verifier.setParameter(pss);
            }
            verifier.initVerify(key);
            verifier.update(bytes, from, to - from);
            return verifier.verify(signature);
        } catch (SignatureException | InvalidKeyException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK cannot verify " + name, e);
        }
    }
}
