package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.key.KeyStorage;
import java.util.Set;
import java.util.TreeSet;

/**
 * Generations whose keys are deleted. Shared; loaded and changed by whoever holds the lock of the
 * hierarchy, which blocks.
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
     * In this order, each step durable: in the audit chain; deleted; written down. A process that
     * ends in between leaves a key that is away, of which it is asked for again.
     */
    void destroy(IssuerId id) {
        audit.key(id, "destroyed");
        keys.destroy(id.toString());
        Set<IssuerId> more = new TreeSet<>(Hierarchy.ORDER);
        more.addAll(all);
        more.add(id);
        folder.setDestroyed(more);
        all = Set.copyOf(more);
    }
}
