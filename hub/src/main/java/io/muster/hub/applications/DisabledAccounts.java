package io.muster.hub.applications;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The accounts that are disabled, though the registry does not say so yet; shared, never blocks.
 * When it does, they are forgotten here.
 */
public final class DisabledAccounts {

    private final Set<String> usernames = ConcurrentHashMap.newKeySet();

    /** From now on no client of this account is let in. */
    void add(String username) {
        usernames.add(username);
    }

    /** What the registry says holds. */
    void remove(String username) {
        usernames.remove(username);
    }

    boolean contains(String username) {
        return usernames.contains(username);
    }

    /** Those that the registry does not know yet. */
    Set<String> all() {
        return Set.copyOf(usernames);
    }
}
