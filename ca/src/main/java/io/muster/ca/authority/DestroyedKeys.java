package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.key.SigningKey;
import io.muster.ca.key.WithdrawableKey;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;

/**
 * Generations whose keys are destroyed, wherever copies are; and what withdraws these keys from all
 * who were given them. Shared; loaded and changed by whoever holds the lock of the hierarchy, which
 * blocks.
 */
final class DestroyedKeys {

    private final AuthorityFolder folder;
    private volatile Set<IssuerId> all = Set.of();

    /** Those that somebody may hold still; nobody is kept alive by being here. */
    private final Map<WithdrawableKey, IssuerId> given =
            Collections.synchronizedMap(new WeakHashMap<>());

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
        withdraw(id);
    }

    private void withdraw(IssuerId id) {
        synchronized (given) {
            given.forEach(
                    (key, of) -> {
                        if (of.equals(id)) {
                            key.withdraw();
                        }
                    });
        }
    }

    /** The key of a generation, that signs until it is destroyed; whoever has it may keep it. */
    SigningKey untilDestroyed(IssuerId id, SigningKey key) {
        WithdrawableKey withdrawable = new WithdrawableKey(id.toString(), key);
        given.put(withdrawable, id);
        if (contains(id)) {
            withdrawable.withdraw(); // It was before, or meanwhile.
        }
        return withdrawable;
    }
}
