package io.muster.devices.registry.topology;

import io.muster.devices.DeviceId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The devices of the gateways that were asked for most recently, as the database has them; so many
 * gateways and devices at most, whatever they are. Not safe for several threads.
 *
 * <p>A device stands with one gateway at most, and {@code gateways} says with which: so a change of
 * one device finds all that is known of it.
 */
final class KnownMembers {

    private final int max;

    /** By gateway, the one asked for longest ago first. */
    private final LinkedHashMap<DeviceId, Set<DeviceId>> members =
            new LinkedHashMap<>(16, 0.75f, true);

    /** By device, of the gateways that are known. */
    private final Map<DeviceId, DeviceId> gateways = new HashMap<>();

    /** Knows nobody; {@code max} is how many gateways and devices are remembered. */
    KnownMembers(int max) {
        this.max = max;
    }

    /** The devices of a gateway; empty if they are not known, which they can be though none are. */
    Optional<Set<DeviceId>> find(DeviceId gateway) {
        return Optional.ofNullable(members.get(gateway)).map(Set::copyOf);
    }

    /** These are all devices of the gateway. */
    void put(DeviceId gateway, Set<DeviceId> all) {
        forgetGateway(gateway);
        members.put(gateway, new LinkedHashSet<>());
        all.forEach(each -> changed(each, Optional.of(gateway)));
        makeRoom();
    }

    /** The device stands with this gateway now, or with none. */
    void changed(DeviceId subDevice, Optional<DeviceId> gateway) {
        @Nullable DeviceId before = gateways.remove(subDevice);
        if (before != null) {
            of(before).remove(subDevice);
        }
        if (gateway.isPresent() && members.containsKey(gateway.get())) {
            gateways.put(subDevice, gateway.get());
            of(gateway.get()).add(subDevice);
            makeRoom();
        }
    }

    /** There is no such device any more, be it a gateway or not. */
    void deleted(DeviceId id) {
        changed(id, Optional.empty());
        forgetGateway(id);
    }

    private Set<DeviceId> of(DeviceId gateway) {
        return members.getOrDefault(gateway, Set.of());
    }

    private void forgetGateway(DeviceId gateway) {
        Set<DeviceId> all = members.remove(gateway);
        if (all != null) {
            all.forEach(gateways::remove);
        }
    }

    private void makeRoom() {
        while (members.size() + gateways.size() > max) {
            Iterator<DeviceId> eldest = members.keySet().iterator();
            forgetGateway(eldest.next());
        }
    }
}
