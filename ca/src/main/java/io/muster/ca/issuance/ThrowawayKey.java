package io.muster.ca.issuance;

import io.muster.ca.key.KeyKind;
import io.muster.ca.key.ProviderKey;
import io.muster.ca.key.SigningKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPrivateKeySpec;

/**
 * Makes keys that nobody trusts, for certificates that nobody sees. Their signatures have the
 * algorithm and the length of real ones.
 */
final class ThrowawayKey {

    private static final BigInteger SHORT_EXPONENT = BigInteger.valueOf(3);

    private ThrowawayKey() {}

    static SigningKey of(KeyKind kind, SecureRandom random) {
        KeyPair pair = kind.generate(random);
        return ProviderKey.of("throwaway", quick(pair));
    }

    /**
     * RSA takes next to no time with a short private exponent. That anybody can guess it does no
     * harm here, nor that no public exponent verifies the signature.
     */
    private static KeyPair quick(KeyPair pair) {
        if (!(pair.getPublic() instanceof RSAPublicKey key)) {
            return pair;
        }
        RSAPrivateKeySpec spec = new RSAPrivateKeySpec(key.getModulus(), SHORT_EXPONENT);
        try {
            PrivateKey quick = KeyFactory.getInstance("RSA").generatePrivate(spec);
            return new KeyPair(key, quick);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java has no keys of RSA", missing);
        }
    }
}
