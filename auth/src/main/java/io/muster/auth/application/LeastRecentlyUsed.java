package io.muster.auth.application;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map that forgets what was not asked for the longest when it is full. Not for several threads.
 */
final class LeastRecentlyUsed<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1L;

    private final int capacity;

    LeastRecentlyUsed(int capacity) {
        super(16, 0.75f, true);
        this.capacity = capacity;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > capacity;
    }
}
