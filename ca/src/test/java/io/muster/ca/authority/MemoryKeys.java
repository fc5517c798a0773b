package io.muster.ca.authority;

import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.pki.Issuers;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keys in memory, of each name and kind the same in all tests, so that they are made once. */
final class MemoryKeys implements KeyStorage {

    private static final Map<String, SigningKey> MADE = new ConcurrentHashMap<>();

    private final Map<String, KeyKind> kinds = new ConcurrentHashMap<>();
    private final Set<String> elsewhere = ConcurrentHashMap.newKeySet();

    @Override
    public boolean holds(String name) {
        return kinds.containsKey(name) && !elsewhere.contains(name);
    }

    /** Takes a key to where nobody gets at it. */
    void take(String name) {
        elsewhere.add(name);
    }

    void bringBack(String name) {
        elsewhere.remove(name);
    }

    @Override
    public SigningKey load(String name) {
        KeyKind kind = kinds.get(name);
        if (kind == null || elsewhere.contains(name)) {
            throw new KeyUnusableException("key " + name + " is not here");
        }
        return MADE.computeIfAbsent(name + kind, any -> Issuers.key(kind));
    }

    @Override
    public SigningKey generate(String name, KeyKind kind) {
        if (kinds.putIfAbsent(name, kind) != null) {
            throw new KeyUnusableException("there is a key " + name + " already");
        }
        return load(name);
    }

    @Override
    public void destroy(String name) {
        kinds.remove(name);
    }
}
