package io.muster.hub.applications;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The accounts that are disabled, though the registry does not say so yet; shared, never blocks.
 *
 * <p>There are two reasons why, which are kept apart: somebody is disabling the account now, and
 * somebody was told that it is disabled, which is still to be written. So who fails to disable it
 * lifts no bar of anybody else's, and who enables it lets nobody in whom another is disabling.
 */
public final class DisabledAccounts {

    /** How many are disabling an account now. */
    private final ConcurrentMap<String, Integer> attempts = new ConcurrentHashMap<>();

    private final Set<String> unwritten = ConcurrentHashMap.newKeySet();

    /** From now on no client of this account is let in, until as many attempts have ended. */
    void begin(String username) {
        attempts.merge(username, 1, Integer::sum);
    }

    /** An attempt has ended. */
    void end(String username) {
        attempts.computeIfPresent(username, (key, count) -> count > 1 ? count - 1 : null);
    }

    /** No client of this account is let in until that is written. */
    void add(String username) {
        unwritten.add(username);
    }

    /** What the registry says holds, but for attempts. */
    void remove(String username) {
        unwritten.remove(username);
    }

    /** Whether no client of this account is let in, whatever the registry says. */
    boolean contains(String username) {
        return attempts.containsKey(username) || unwritten.contains(username);
    }

    boolean isUnwritten(String username) {
        return unwritten.contains(username);
    }

    /** Those that are still to be written. */
    Set<String> allUnwritten() {
        return Set.copyOf(unwritten);
    }
}
