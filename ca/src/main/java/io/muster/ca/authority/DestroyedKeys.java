package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.KeyUnusableException;
import java.util.Set;
import java.util.TreeSet;

/**
 * Generations whose keys are destroyed, wherever copies are. Shared; loaded and changed by whoever
 * holds the lock of the hierarchy, which blocks.
 */
final class DestroyedKeys {

    private final AuthorityFolder folder;
    private final KeyStorage keys;
    private final AuthorityAudit audit;
    private volatile Set<IssuerId> all = Set.of();

    DestroyedKeys(AuthorityFolder folder, KeyStorage keys, AuthorityAudit audit) {
        this.folder = folder;
        this.keys = keys;
        this.audit = audit;
    }

    /** As it is written down. */
    void load() {
        all = Set.copyOf(folder.destroyed());
    }

    boolean contains(IssuerId id) {
        return all.contains(id);
    }

    /**
     * In this order, each step durable: in the audit chain; written down, so that nothing is signed
     * with it any more; deleted. A process that ends in between leaves a key that is here and
     * unused, of which it is asked for again.
     *
     * @throws KeyUnusableException if the key is not here, and was not destroyed here; nothing is
     *     written then
     */
    void destroy(IssuerId id) {
        if (!contains(id) && !keys.holds(id.toString())) {
            throw new KeyUnusableException(
                    "the key of " + id + " is not here: bring it here to have it destroyed");
        }
        audit.key(id, "destroyed");
        Set<IssuerId> more = new TreeSet<>(Hierarchy.ORDER);
        more.addAll(all);
        more.add(id);
        folder.setDestroyed(more);
        all = Set.copyOf(more);
        keys.destroy(id.toString());
    }
}
