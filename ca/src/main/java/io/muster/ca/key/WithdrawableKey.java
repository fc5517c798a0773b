package io.muster.ca.key;

import java.security.PublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/**
 * A key that can be taken back from all who were given it: from then on it signs nothing, and is
 * not in memory by this. Shared by threads; {@link #signer} blocks as that of the key does.
 */
public final class WithdrawableKey implements SigningKey {

    private final String name;
    private final PublicKey publicKey;
    private final AlgorithmIdentifier algorithm;
    private volatile @Nullable SigningKey key;

    /**
     * One that signs.
     *
     * @param name what it is called when it is asked for and destroyed
     */
    public WithdrawableKey(String name, SigningKey key) {
        this.name = name;
        this.publicKey = key.publicKey();
        this.algorithm = key.algorithm();
        this.key = key;
    }

    /** For ever, as it is destroyed. */
    public void withdraw() {
        key = null;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public AlgorithmIdentifier algorithm() {
        return algorithm;
    }

    @Override
    public ContentSigner signer() {
        return present().signer();
    }

    @Override
    public void requireUsable() {
        present().requireUsable();
    }

    private SigningKey present() {
        SigningKey present = key;
        if (present == null) {
            throw new KeyUnusableException("the key of " + name + " is destroyed");
        }
        return present;
    }
}
