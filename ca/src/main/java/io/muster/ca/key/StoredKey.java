package io.muster.ca.key;

import java.security.PublicKey;
import java.util.Arrays;
import org.bouncycastle.operator.ContentSigner;

/**
 * A key that is fetched each time something is to be signed, and of which only the public half is
 * known before: that of an offline root, or in a token that may be pulled out and come back. Shared
 * by threads; {@link #signer} blocks.
 */
public final class StoredKey implements SigningKey {

    private final KeyStorage keys;
    private final String name;
    private final PublicKey publicKey;

    /**
     * The key of this name, whether it is there now or not.
     *
     * @param publicKey its other half, as a certificate says
     */
    public StoredKey(KeyStorage keys, String name, PublicKey publicKey) {
        this.keys = keys;
        this.name = name;
        this.publicKey = publicKey;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public ContentSigner signer() {
        SigningKey key = keys.load(name);
        if (!Arrays.equals(key.publicKey().getEncoded(), publicKey.getEncoded())) {
            throw new KeyUnusableException(
                    "key " + name + " is another one than that of its certificate");
        }
        return key.signer();
    }
}
