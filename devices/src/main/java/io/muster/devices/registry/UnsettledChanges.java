package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.change.Turn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of which nobody knows whether the database has made them, since it did not answer;
 * shared. Whoever has devices in memory is told when that is known.
 */
final class UnsettledChanges {

    private static final Logger log = LoggerFactory.getLogger(UnsettledChanges.class);

    private static final int DEVICES_MAX = 100_000;

    private final Turn turn;
    private final List<RegistryListener> listeners;

    /** With the states of their rows, if they may be deleted. */
    private final ConcurrentMap<DeviceId, Optional<DeviceState>> devices =
            new ConcurrentHashMap<>();

    private final Set<String> products = ConcurrentHashMap.newKeySet();

    /** Who may be created together, or not at all, each with all of them. */
    private final ConcurrentMap<DeviceId, List<Device>> created = new ConcurrentHashMap<>();

    /** Those of them that were complained of. */
    private final Set<Object> unreadable = ConcurrentHashMap.newKeySet();

    UnsettledChanges(Turn turn, List<RegistryListener> listeners) {
        this.turn = turn;
        this.listeners = listeners;
    }

    /** The secret of this device may be another one. */
    void perhapsChanged(DeviceId id) {
        add(id, Optional.empty());
    }

    /** These devices may be deleted, whose rows had these states. */
    void perhapsDeleted(Map<DeviceId, DeviceState> rows) {
        rows.forEach((id, state) -> add(id, Optional.of(state)));
    }

    private void add(DeviceId id, Optional<DeviceState> state) {
        if (devices.size() < DEVICES_MAX || devices.containsKey(id)) {
            devices.merge(id, state, (before, later) -> later.or(() -> before));
        } else {
            log.error("too many unsettled changes, memory may not follow this one device={}", id);
        }
    }

    /** The settings or the secret of this product may be others, or it may be deleted. */
    void perhapsChanged(String productKey) {
        if (products.size() < DEVICES_MAX || products.contains(productKey)) {
            products.add(productKey);
        } else {
            log.error("too many unsettled changes, memory may not follow one of a product");
        }
    }

    /** These devices may be created: all of them, or none. */
    void perhapsCreated(List<Device> together) {
        if (created.size() + together.size() > DEVICES_MAX) {
            log.error("too many unsettled changes, some devices may not be counted");
            return;
        }
        together.forEach(each -> created.put(each.id(), together));
    }

    /**
     * One of these is deleted, or its name was free: those that were created together with it.
     * Nobody was told of them, and they are not unsettled any more.
     */
    List<Device> createdBefore(Collection<DeviceId> ids) {
        List<Device> before = new ArrayList<>();
        if (!created.isEmpty()) {
            for (DeviceId id : ids) {
                List<Device> together = created.get(id);
                if (together != null) {
                    forgetCreated(together);
                    before.addAll(together);
                }
            }
        }
        return before;
    }

    private void forgetCreated(List<Device> together) {
        together.forEach(each -> created.remove(each.id(), together));
    }

    /** It is known how this device stands: the state of its row if that may be deleted before. */
    Optional<DeviceState> settled(DeviceId id) {
        Optional<DeviceState> state = devices.remove(id);
        return state == null ? Optional.empty() : state;
    }

    /** These devices are there anew: with which states their names were deleted before. */
    Map<DeviceId, DeviceState> deletedBefore(Collection<Device> created) {
        Map<DeviceId, DeviceState> deleted = new LinkedHashMap<>();
        if (!devices.isEmpty()) {
            created.forEach(
                    device -> settled(device.id()).ifPresent(s -> deleted.put(device.id(), s)));
        }
        return deleted;
    }

    /**
     * Looks at what is not settled; blocks. What cannot be read stays, and does not keep the others
     * from being looked at.
     *
     * @param gone told of those that are not there, in their turn
     * @throws RegistryUnavailableException if the database cannot be asked: then some may be left
     */
    void settle(DeviceTable table, ProductTable productTable, Consumer<DeviceId> gone) {
        unreadable.removeIf(this::isSettled);
        for (DeviceId id : created.keySet()) {
            if (created.containsKey(id)) {
                look(id, () -> settleCreated(id, table));
            }
        }
        for (DeviceId id : devices.keySet()) {
            look(id, () -> settle(id, table, gone));
        }
        for (String productKey : products) {
            look(productKey, () -> settle(productKey, productTable));
        }
    }

    private boolean isSettled(Object key) {
        return !products.contains(key)
                && !(key instanceof DeviceId id
                        && (devices.containsKey(id) || created.containsKey(id)));
    }

    /** One tells of all. Somebody else's device of that name has another secret. */
    private void settleCreated(DeviceId id, DeviceTable table) {
        List<Device> together = created.get(id);
        if (together == null) {
            return;
        }
        Secret secret =
                together.stream().filter(each -> each.id().equals(id)).findAny().get().secret();
        boolean isThere =
                table.findSurely(id)
                        .filter(found -> found.secrets().newest().equals(secret))
                        .isPresent();
        forgetCreated(together);
        if (isThere) {
            listeners.forEach(listener -> together.forEach(listener::deviceCreated));
        }
    }

    private void look(Object key, Runnable settling) {
        try {
            turn.run(settling);
        } catch (RegistryUnavailableException notYet) {
            throw notYet;
        } catch (RuntimeException failed) {
            if (unreadable.add(key)) {
                log.error("unsettled change unreadable, memory may not follow key={}", key, failed);
            }
        }
    }

    private void settle(DeviceId id, DeviceTable table, Consumer<DeviceId> gone) {
        if (!devices.containsKey(id)) {
            return;
        }
        Optional<Device> found = table.findSurely(id);
        if (found.isEmpty()) {
            gone.accept(id);
            return;
        }
        devices.remove(id);
        RotatingSecret secrets = found.get().secrets();
        listeners.forEach(each -> each.deviceSecretsChanged(id, secrets));
        listeners.forEach(each -> each.deviceSecretsSettled(id, secrets));
    }

    /**
     * First it is taken out: who changes the product meanwhile, without an answer, puts it back.
     */
    private void settle(String productKey, ProductTable table) {
        products.remove(productKey);
        try {
            Optional<Product> found = table.update(productKey, present -> present);
            listeners.forEach(listener -> listener.productChanged(productKey));
            found.ifPresentOrElse(
                    product -> listeners.forEach(listener -> listener.settingsChanged(product)),
                    () -> listeners.forEach(listener -> listener.productDeleted(productKey)));
        } catch (RuntimeException failed) {
            products.add(productKey);
            throw failed;
        }
    }
}
