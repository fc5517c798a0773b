package io.muster.devices.directory;

import io.muster.devices.DeviceStatus;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How many devices stand in each status, kept up to date by those who change them; shared. */
final class StatusCounts {

    private final Map<DeviceStatus, LongAdder> counts = new EnumMap<>(DeviceStatus.class);

    StatusCounts(Map<DeviceStatus, Long> counted) {
        for (DeviceStatus status : DeviceStatus.values()) {
            LongAdder count = new LongAdder();
            count.add(counted.getOrDefault(status, 0L));
            counts.put(status, count);
        }
    }

    void added(DeviceStatus status) {
        adder(status).increment();
    }

    void removed(DeviceStatus status) {
        adder(status).decrement();
    }

    void moved(DeviceStatus before, DeviceStatus after) {
        adder(before).decrement();
        adder(after).increment();
    }

    Map<DeviceStatus, Long> snapshot() {
        Map<DeviceStatus, Long> snapshot = new EnumMap<>(DeviceStatus.class);
        counts.forEach((status, count) -> snapshot.put(status, count.sum()));
        return snapshot;
    }

    private LongAdder adder(DeviceStatus status) {
        LongAdder adder = counts.get(status);
        if (adder == null) {
            throw new IllegalStateException("no count for " + status);
        }
        return adder;
    }
}
