package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Cache;
import io.muster.devices.RegistryUnavailableException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds values by key, in memory or else in the registry; shared, never blocks.
 *
 * <p><b>One load per key.</b> Whoever asks while a key is loaded joins the load. The load first
 * looks into memory again, because the value may have arrived between the question and its turn;
 * only what really comes from the registry is put into the cache. Therefore, while a load reads,
 * nobody else can have the value and change it, and a load never brings back an old one.
 *
 * <p><b>Loads that wait are read together</b>: when a thousand come at once, as after a restart, a
 * few readings serve all. One that cannot be read does not spoil the others.
 *
 * <p><b>Unknown keys</b> are remembered for a short time, so that a device that nobody knows cannot
 * keep the registry busy. {@link #created} forgets that and disowns a load that may have looked
 * before the creation: its waiters get what it saw, the cache does not. Disowning and putting into
 * the cache exclude each other, because both happen under the key's lock in {@code loads}.
 */
final class LookupCache<K, V> implements AutoCloseable {

    /** A key that somebody waits for. */
    record Load<K, V>(K key, CompletableFuture<Optional<V>> result) {}

    private final Cache<K, V> held;
    private final Cache<K, Boolean> unknown;
    private final Function<K, Optional<V>> memory;
    private final Function<Set<K>, Map<K, V>> registry;
    private final RegistryReader<Load<K, V>> reader;
    private final BooleanSupplier readable;
    private final ConcurrentMap<K, CompletableFuture<Optional<V>>> loads =
            new ConcurrentHashMap<>();

    /**
     * An empty one.
     *
     * @param held where values go that were read
     * @param unknown where keys go that the registry does not know
     * @param memory asked once more before the registry is; on a thread that may wait
     * @param registry reads what there is of the keys; on a thread that may wait
     * @param reader makes the one that hands over what waits; closed with this
     * @param readable whether the registry can be read, as far as is known: if not, what is not in
     *     memory is refused at once, and keeps no thread and no place waiting
     */
    LookupCache(
            Cache<K, V> held,
            Cache<K, Boolean> unknown,
            Function<K, Optional<V>> memory,
            Function<Set<K>, Map<K, V>> registry,
            Function<Consumer<List<Load<K, V>>>, RegistryReader<Load<K, V>>> reader,
            BooleanSupplier readable) {
        this.held = held;
        this.unknown = unknown;
        this.memory = memory;
        this.registry = registry;
        this.reader = reader.apply(this::run);
        this.readable = readable;
    }

    /** A way to read many out of one to read one. */
    static <K, V> Function<Set<K>, Map<K, V>> oneByOne(Function<K, Optional<V>> registry) {
        return keys -> {
            Map<K, V> found = new HashMap<>();
            keys.forEach(key -> registry.apply(key).ifPresent(value -> found.put(key, value)));
            return found;
        };
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
        if (!readable.getAsBoolean()) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("registry cannot be read at present"));
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
        if (!reader.read(load, new Load<>(key, load))) {
            loads.remove(key, load);
        }
        return load;
    }

    private void run(List<Load<K, V>> together) {
        try {
            List<Load<K, V>> unanswered =
                    together.stream().filter(load -> !isAnswered(load)).toList();
            if (!unanswered.isEmpty()) {
                read(unanswered);
            }
        } catch (RuntimeException failed) {
            together.forEach(load -> load.result().completeExceptionally(failed));
        } finally {
            together.forEach(load -> loads.remove(load.key(), load.result()));
        }
    }

    private boolean isAnswered(Load<K, V> load) {
        if (load.result().isDone()) {
            return true; // its deadline passed while it waited
        }
        Optional<V> value = memory.apply(load.key());
        if (value.isPresent()) {
            finish(load, value); // even if it is too late: it must not be read now
        }
        return value.isPresent();
    }

    private void read(List<Load<K, V>> together) {
        Map<K, V> found;
        try {
            found = registry.apply(together.stream().map(Load::key).collect(Collectors.toSet()));
        } catch (RuntimeException failed) {
            if (failed instanceof RegistryUnavailableException unavailable
                    && !unavailable.isDamage()) {
                together.forEach(load -> load.result().completeExceptionally(unavailable));
            } else {
                readOneByOne(together, failed);
            }
            return;
        }
        for (Load<K, V> load : together) {
            Optional<V> value = Optional.ofNullable(found.get(load.key()));
            keep(load.key(), value, load.result());
            finish(load, value);
        }
    }

    private void readOneByOne(List<Load<K, V>> together, RuntimeException failed) {
        if (together.size() == 1) {
            together.get(0).result().completeExceptionally(failed);
            return;
        }
        for (Load<K, V> load : together) {
            if (!load.result().isDone()) {
                read(List.of(load));
            }
        }
    }

    private void finish(Load<K, V> load, Optional<V> value) {
        load.result().complete(value);
        loads.remove(load.key(), load.result());
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

    /** Loads that wait are still read; whoever asks from now on is refused. */
    @Override
    public void close() {
        reader.close();
    }
}
