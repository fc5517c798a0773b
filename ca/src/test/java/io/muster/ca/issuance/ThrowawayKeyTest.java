package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.key.KeyKind;
import io.muster.ca.key.SigningKey;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPrivateKeySpec;
import org.bouncycastle.operator.ContentSigner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a throwaway key signs has the form of what a real one signs. */
class ThrowawayKeyTest {

    private static final byte[] CONTENT = new byte[700];

    private static byte[] sign(SigningKey key) throws Exception {
        ContentSigner signer = key.signer();
        signer.getOutputStream().write(CONTENT);
        return signer.getSignature();
    }

    @ParameterizedTest
    @EnumSource(
            value = KeyKind.class,
            names = {"EC_P256", "EC_P384", "ED25519"})
    void onesOfEllipticCurvesAreRight(KeyKind kind) throws Exception {
        SigningKey key = ThrowawayKey.of(kind, new SecureRandom());
        Signature verifier = Signature.getInstance(kind.signatureAlgorithm());
        verifier.initVerify(key.publicKey());
        verifier.update(CONTENT);
        assertThat(verifier.verify(sign(key))).isTrue();
        assertThat(key.signer().getAlgorithmIdentifier()).isEqualTo(kind.signatureIdentifier());
    }

    @Test
    void oneOfRsaIsWhatJavaSignsWithItsShortExponent() throws Exception {
        KeyKind kind = KeyKind.RSA_2048;
        SigningKey key = ThrowawayKey.of(kind, new SecureRandom());
        BigInteger modulus = ((RSAPublicKey) key.publicKey()).getModulus();
        byte[] signature = sign(key);
        assertThat(signature).hasSize(256);
        PrivateKey same =
                KeyFactory.getInstance("RSA")
                        .generatePrivate(new RSAPrivateKeySpec(modulus, BigInteger.valueOf(3)));
        Signature signer = Signature.getInstance(kind.signatureAlgorithm());
        signer.initSign(same);
        signer.update(CONTENT);
        assertThat(signature).isEqualTo(signer.sign());
        assertThat(key.signer().getAlgorithmIdentifier()).isEqualTo(kind.signatureIdentifier());
    }
}
