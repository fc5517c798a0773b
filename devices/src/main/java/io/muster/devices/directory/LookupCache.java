package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * Finds values by key, in memory or else in the registry; shared, never blocks.
 *
 * <p><b>One load per key.</b> Whoever asks while a key is loaded joins the load. The load first
 * looks into memory again, because the value may have arrived between the question and its turn;
 * only what really comes from the registry is put into the cache. Therefore, while a load reads,
 * nobody else can have the value and change it, and a load never brings back an old one.
 *
 * <p><b>Unknown keys</b> are remembered for a short time, so that a device that nobody knows cannot
 * keep the registry busy. {@link #created} forgets that and disowns a load that may have looked
 * before the creation: its waiters get what it saw, the cache does not. Disowning and putting into
 * the cache exclude each other, because both happen under the key's lock in {@code loads}.
 */
final class LookupCache<K, V> {

    private final Cache<K, V> held;
    private final Cache<K, Boolean> unknown;
    private final Function<K, Optional<V>> memory;
    private final Function<K, Optional<V>> registry;
    private final RegistryReader reader;
    private final ConcurrentMap<K, CompletableFuture<Optional<V>>> loads =
            new ConcurrentHashMap<>();

    /**
     * An empty one.
     *
     * @param held where values go that were read
     * @param unknown where keys go that the registry does not know
     * @param memory asked once more before the registry is; on a thread that may wait
     * @param registry reads; on a thread that may wait
     */
    LookupCache(
            Cache<K, V> held,
            Cache<K, Boolean> unknown,
            Function<K, Optional<V>> memory,
            Function<K, Optional<V>> registry,
            RegistryReader reader) {
        this.held = held;
        this.unknown = unknown;
        this.memory = memory;
        this.registry = registry;
        this.reader = reader;
    }

    /** The value, or empty if the registry does not know the key. */
    CompletableFuture<Optional<V>> find(K key) {
        V value = held.getIfPresent(key);
        if (value != null) {
            return CompletableFuture.completedFuture(Optional.of(value));
        }
        if (unknown.getIfPresent(key) != null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        // A copy: a caller that completes or times out its stage must not spoil it for others.
        return load(key).copy();
    }

    private CompletableFuture<Optional<V>> load(K key) {
        CompletableFuture<Optional<V>> load = new CompletableFuture<>();
        CompletableFuture<Optional<V>> running = loads.putIfAbsent(key, load);
        if (running != null) {
            return running;
        }
        if (!reader.read(load, () -> run(key, load))) {
            loads.remove(key, load);
        }
        return load;
    }

    private void run(K key, CompletableFuture<Optional<V>> load) {
        try {
            if (load.isDone()) {
                return; // its deadline passed while it waited
            }
            Optional<V> value = memory.apply(key);
            if (value.isEmpty()) {
                value = registry.apply(key);
                keep(key, value, load);
            }
            load.complete(value);
        } catch (RuntimeException failed) {
            load.completeExceptionally(failed);
        } finally {
            loads.remove(key, load);
        }
    }

    private void keep(K key, Optional<V> value, CompletableFuture<Optional<V>> load) {
        loads.computeIfPresent(
                key,
                (sameKey, owner) -> {
                    if (owner == load) {
                        value.ifPresentOrElse(
                                found -> held.put(key, found),
                                () -> unknown.put(key, Boolean.TRUE));
                    }
                    return owner;
                });
    }

    /** What the registry has for the key is another value from now on. */
    void changed(K key) {
        loads.compute(
                key,
                (sameKey, disowned) -> {
                    held.invalidate(key);
                    return null;
                });
    }

    /** The key is known to the registry from now on. */
    void created(K key) {
        loads.compute(
                key,
                (sameKey, disowned) -> {
                    unknown.invalidate(key);
                    return null;
                });
    }
}
