package io.muster.ca.key;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Signature;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/**
 * A key with which a provider of Java's cryptography signs. It is never asked for its encoding,
 * since the provider may keep it where nobody gets it out (PKCS#11). Shared by threads.
 */
public final class ProviderKey implements SigningKey {

    private final String name;
    private final PublicKey publicKey;
    private final PrivateKey privateKey;
    private final KeyKind kind;
    private final @Nullable Provider provider;

    private ProviderKey(
            String name, PublicKey publicKey, PrivateKey privateKey, @Nullable Provider provider) {
        this.name = name;
        this.publicKey = publicKey;
        this.privateKey = privateKey;
        this.provider = provider;
        this.kind =
                KeyKind.of(publicKey)
                        .orElseThrow(
                                () ->
                                        new KeyUnusableException(
                                                "key " + name + " is of no kind that signs here"));
    }

    /** A key in this process, with which Java itself signs. */
    public static ProviderKey of(String name, KeyPair pair) {
        return new ProviderKey(name, pair.getPublic(), pair.getPrivate(), null);
    }

    /** A key with which this provider signs, and no other. */
    static ProviderKey of(String name, KeyPair pair, Provider provider) {
        return new ProviderKey(name, pair.getPublic(), pair.getPrivate(), provider);
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public AlgorithmIdentifier algorithm() {
        return kind.signatureIdentifier();
    }

    @Override
    public ContentSigner signer() {
        try {
            String name = kind.signatureAlgorithm();
            Signature signature =
                    provider == null
                            ? Signature.getInstance(name)
                            : Signature.getInstance(name, provider);
            signature.initSign(privateKey);
            return new Signer(signature);
        } catch (GeneralSecurityException | ProviderException unusable) {
            throw unusable(unusable);
        }
    }

    private KeyUnusableException unusable(Exception cause) {
        return new KeyUnusableException("key " + name + " does not sign: " + cause, cause);
    }

    /** Its name and kind. */
    @Override
    public String toString() {
        return "ProviderKey[name=" + name + ", kind=" + kind + "]";
    }

    /** Signs one thing; confined to a thread. */
    private final class Signer implements ContentSigner {

        private final Signature signature;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream(1024);

        Signer(Signature signature) {
            this.signature = signature;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return algorithm();
        }

        @Override
        public OutputStream getOutputStream() {
            return content;
        }

        @Override
        public byte[] getSignature() {
            try {
                signature.update(content.toByteArray());
                return signature.sign();
            } catch (GeneralSecurityException | ProviderException unusable) {
                throw unusable(unusable);
            }
        }
    }
}
