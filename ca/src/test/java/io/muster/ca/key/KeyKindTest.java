package io.muster.ca.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.operator.ContentSigner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyKindTest {

    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @EnumSource(
            value = KeyKind.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RSA_3072", "RSA_4096"})
    void aKeyIsOfTheKindThatItWasMadeAsAndSigns(KeyKind kind) throws Exception {
        KeyPair pair = kind.generate(new SecureRandom());
        SigningKey key = ProviderKey.of("test", pair);

        ContentSigner signer = key.signer();
        signer.getOutputStream().write(CONTENT, 0, 3);
        signer.getOutputStream().write(CONTENT, 3, CONTENT.length - 3);

        Signature check = Signature.getInstance(kind.signatureAlgorithm());
        check.initVerify(key.publicKey());
        check.update(CONTENT);
        assertThat(check.verify(signer.getSignature())).isTrue();
        assertThat(KeyKind.of(pair.getPublic())).contains(kind);
        assertThat(signer.getAlgorithmIdentifier()).isEqualTo(key.algorithm());
        assertThat(key).hasToString("ProviderKey[name=test, kind=" + kind + "]");
    }

    @Test
    void otherKeysAreOfNoKind() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(1024);
        KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
        curve.initialize(new ECGenParameterSpec("secp521r1"));

        assertThat(KeyKind.of(rsa.generateKeyPair().getPublic())).isEmpty();
        assertThat(KeyKind.of(curve.generateKeyPair().getPublic())).isEmpty();
        assertThat(KeyKind.of(KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic()))
                .isEmpty();
    }
}
