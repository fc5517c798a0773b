package io.muster.devices.directory;

import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many devices stand in each status, of all and of each product, kept up to date by those who
 * change them; shared.
 */
final class StatusCounts {

    private final Statuses all = new Statuses();
    private final ConcurrentMap<String, Statuses> products = new ConcurrentHashMap<>();

    /** As they were counted, by product key. */
    StatusCounts(Map<String, Map<DeviceStatus, Long>> counted) {
        counted.forEach(
                (product, counts) ->
                        counts.forEach(
                                (status, count) -> {
                                    all.add(status, count);
                                    of(product).add(status, count);
                                }));
    }

    void added(DeviceId id, DeviceStatus status) {
        all.add(status, 1);
        of(id.productKey()).add(status, 1);
    }

    void removed(DeviceId id, DeviceStatus status) {
        all.add(status, -1);
        of(id.productKey()).add(status, -1);
    }

    void moved(DeviceId id, DeviceStatus before, DeviceStatus after) {
        all.move(before, after);
        of(id.productKey()).move(before, after);
    }

    /** A product is no more, and neither are its devices. */
    void forget(String productKey) {
        products.remove(productKey);
    }

    Map<DeviceStatus, Long> snapshot() {
        return all.snapshot();
    }

    /** Of the products with the most devices, at most {@code max}, those first. */
    Map<String, Map<DeviceStatus, Long>> largest(int max) {
        record Counted(String productKey, long devices, Map<DeviceStatus, Long> counts) {}
        List<Counted> largest =
                products.entrySet().stream()
                        .map(
                                product -> {
                                    Map<DeviceStatus, Long> counts = product.getValue().snapshot();
                                    long devices =
                                            counts.values().stream()
                                                    .mapToLong(Long::longValue)
                                                    .sum();
                                    return new Counted(product.getKey(), devices, counts);
                                })
                        .sorted(
                                Comparator.comparingLong(Counted::devices)
                                        .reversed()
                                        .thenComparing(Counted::productKey))
                        .limit(max)
                        .toList();
        Map<String, Map<DeviceStatus, Long>> counts = new LinkedHashMap<>();
        largest.forEach(product -> counts.put(product.productKey(), product.counts()));
        return counts;
    }

    private Statuses of(String productKey) {
        Statuses present = products.get(productKey);
        return present != null
                ? present
                : products.computeIfAbsent(productKey, key -> new Statuses());
    }

    private static final class Statuses {

        private final Map<DeviceStatus, LongAdder> counts = new EnumMap<>(DeviceStatus.class);

        private Statuses() {
            for (DeviceStatus status : DeviceStatus.values()) {
                counts.put(status, new LongAdder());
            }
        }

        private void add(DeviceStatus status, long count) {
            LongAdder adder = counts.get(status);
            if (adder == null) {
                throw new IllegalStateException("no count for " + status);
            }
            adder.add(count);
        }

        private void move(DeviceStatus before, DeviceStatus after) {
            add(before, -1);
            add(after, 1);
        }

        private Map<DeviceStatus, Long> snapshot() {
            Map<DeviceStatus, Long> snapshot = new EnumMap<>(DeviceStatus.class);
            counts.forEach((status, count) -> snapshot.put(status, count.sum()));
            return snapshot;
        }
    }
}
