package io.muster.hub.commands;

import io.muster.devices.DeviceId;
import io.muster.hub.protocol.ServiceTopic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The commands that have no answer yet, by their numbers: bounded for each device and for all, so
 * that a device that does not answer takes no place from the others. Shared.
 */
final class UnderWay {

    static final int COUNT_MAX = 10_000;
    static final int DEVICE_COUNT_MAX = 100;

    // Guarded by this.
    private final Map<String, Asked> byId = new HashMap<>();
    private final Map<DeviceId, Integer> counts = new HashMap<>();

    /**
     * A command.
     *
     * @param rest the end of the topic on which the device was asked
     * @param answer to be completed by whoever takes the command from here
     */
    record Asked(DeviceId device, String rest, CompletableFuture<CommandAnswer> answer) {}

    /** Adds a command; false if there are too many. */
    synchronized boolean add(String id, Asked asked) {
        int ofDevice = counts.getOrDefault(asked.device(), 0);
        if (byId.size() >= COUNT_MAX || ofDevice >= DEVICE_COUNT_MAX) {
            return false;
        }
        byId.put(id, asked);
        counts.put(asked.device(), ofDevice + 1);
        return true;
    }

    /** Whether the device has been asked anything that it has not answered. */
    synchronized boolean awaits(DeviceId device) {
        return counts.containsKey(device);
    }

    /** Takes a command out. */
    synchronized Optional<Asked> take(String id) {
        Asked taken = byId.remove(id);
        if (taken != null) {
            counts.computeIfPresent(
                    taken.device(), (device, count) -> count > 1 ? count - 1 : null);
        }
        return Optional.ofNullable(taken);
    }

    /** Takes a command out if it is answered on this topic. */
    synchronized Optional<Asked> take(String id, ServiceTopic answered) {
        Asked asked = byId.get(id);
        boolean fits =
                asked != null
                        && asked.device().equals(answered.device())
                        && answered.rest().equals(asked.rest() + ServiceTopic.REPLY);
        return fits ? take(id) : Optional.empty();
    }

    synchronized List<Asked> takeAll() {
        List<Asked> all = List.copyOf(byId.values());
        byId.clear();
        counts.clear();
        return all;
    }
}
