package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import java.security.PublicKey;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/**
 * Generations whose keys are destroyed, wherever copies are; and what withdraws these keys from all
 * who were given them. Shared; loaded and changed by whoever holds the lock of the hierarchy, which
 * blocks.
 */
final class DestroyedKeys {

    private final AuthorityFolder folder;
    private volatile Set<IssuerId> all = Set.of();

    /** Those that somebody may hold still; nobody is kept alive by being here. */
    private final Set<Withdrawable> given =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    DestroyedKeys(AuthorityFolder folder) {
        this.folder = folder;
    }

    /** As it is written down. */
    void load() {
        all = Set.copyOf(folder.destroyed());
    }

    boolean contains(IssuerId id) {
        return all.contains(id);
    }

    /** Writes it down, durably. Whoever holds the key of this generation signs nothing more. */
    void add(IssuerId id) {
        Set<IssuerId> more = new TreeSet<>(Hierarchy.ORDER);
        more.addAll(all);
        more.add(id);
        folder.setDestroyed(more);
        all = Set.copyOf(more);
        List<Withdrawable> held;
        synchronized (given) {
            held = List.copyOf(given);
        }
        held.stream().filter(key -> key.id.equals(id)).forEach(Withdrawable::withdraw);
    }

    /** The key of a generation, that signs until it is destroyed; whoever has it may keep it. */
    SigningKey untilDestroyed(IssuerId id, SigningKey key) {
        Withdrawable withdrawable = new Withdrawable(id, key);
        given.add(withdrawable);
        return withdrawable;
    }

    /** Asks whether it is destroyed each time, and leaves the memory when it is. */
    private final class Withdrawable implements SigningKey {

        private final IssuerId id;
        private final PublicKey publicKey;
        private final AlgorithmIdentifier algorithm;
        private volatile @Nullable SigningKey key;

        Withdrawable(IssuerId id, SigningKey key) {
            this.id = id;
            this.publicKey = key.publicKey();
            this.algorithm = key.algorithm();
            this.key = key;
        }

        void withdraw() {
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
            if (present == null || contains(id)) {
                throw new KeyUnusableException("the key of " + id + " is destroyed");
            }
            return present;
        }
    }
}
