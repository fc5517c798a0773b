package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.DeviceTable.Deleted;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.change.Turn;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever has devices in memory which are created and deleted; and knows the changes of which
 * nobody knows whether the database has made them, since it did not answer, and tells of them when
 * that is known. Shared.
 *
 * <p>For one name, what may be deleted was there before what may be created: who creates a device,
 * or gives it another secret, first finds out whether it was created before ({@link
 * #settleCreated}). So of each name one creation at most is not settled, and nothing else is needed
 * to tell it from another than its secret.
 */
final class UnsettledChanges {

    private static final Logger log = LoggerFactory.getLogger(UnsettledChanges.class);

    private static final int DEVICES_MAX = 100_000;

    private final Turn turn;
    private final List<RegistryListener> listeners;
    private final DeviceTable table;

    /** With what their deletions took, if they may be deleted. */
    private final ConcurrentMap<DeviceId, Optional<Deleted>> devices = new ConcurrentHashMap<>();

    private final Set<String> products = ConcurrentHashMap.newKeySet();

    /** Who may be created together, or not at all, each with all of them. */
    private final ConcurrentMap<DeviceId, List<Device>> created = new ConcurrentHashMap<>();

    /** Those of them that were complained of. */
    private final Set<Object> unreadable = ConcurrentHashMap.newKeySet();

    UnsettledChanges(Turn turn, List<RegistryListener> listeners, DeviceTable table) {
        this.turn = turn;
        this.listeners = listeners;
        this.table = table;
    }

    // ------------------------------------------------- what is known, in the turn of who did it

    /** These devices are created. Of those that had their names before, memory forgets first. */
    void created(List<Device> devicesThatAre) {
        Map<DeviceId, Deleted> before = deletedBefore(devicesThatAre);
        if (!before.isEmpty()) {
            tellDeleted(before);
        }
        listeners.forEach(listener -> devicesThatAre.forEach(listener::deviceCreated));
    }

    /** What the deletions of these names took before, of which nobody was told. */
    private Map<DeviceId, Deleted> deletedBefore(Collection<Device> created) {
        Map<DeviceId, Deleted> deleted = new LinkedHashMap<>();
        if (!devices.isEmpty()) {
            created.forEach(
                    device -> settled(device.id()).ifPresent(s -> deleted.put(device.id(), s)));
        }
        return deleted;
    }

    private Optional<Deleted> settled(DeviceId id) {
        Optional<Deleted> deleted = devices.remove(id);
        return deleted == null ? Optional.empty() : deleted;
    }

    /**
     * These devices are deleted. What an earlier deletion of one may have revoked, which was not
     * answered, is revoked by now: by that one or by this.
     */
    void deleted(Map<DeviceId, Deleted> which) {
        tellCreatedBefore(which.keySet());
        Map<DeviceId, Deleted> all = new LinkedHashMap<>();
        which.forEach(
                (id, deleted) -> all.put(id, settled(id).map(deleted::after).orElse(deleted)));
        tellDeleted(all);
    }

    /** These had rows, of whose creation nobody was told: they are told of before they go. */
    private void tellCreatedBefore(Collection<DeviceId> ids) {
        if (!created.isEmpty()) {
            for (DeviceId id : ids) {
                List<Device> together = created.get(id);
                if (together != null) {
                    forgetCreated(together);
                    created(together);
                }
            }
        }
    }

    /** There is no such device. An earlier request may have deleted it, and not been answered. */
    void missing(DeviceId id) {
        List<Device> never = created.get(id);
        if (never != null) {
            forgetCreated(never);
        }
        settled(id)
                .ifPresentOrElse(
                        deleted -> tellDeleted(Map.of(id, deleted)),
                        () -> listeners.forEach(each -> each.deviceMissing(id)));
    }

    /**
     * Certificates first, so that nobody gets in with one once his connections are ended. Memory
     * may know a later version than the database did.
     */
    private void tellDeleted(Map<DeviceId, Deleted> deleted) {
        Set<CertificateId> revoked = new HashSet<>();
        Map<DeviceId, DeviceState> states = new LinkedHashMap<>();
        deleted.forEach(
                (id, each) -> {
                    revoked.addAll(each.certificates());
                    states.put(id, each.state());
                });
        if (!revoked.isEmpty()) {
            listeners.forEach(listener -> listener.certificatesRevoked(Set.copyOf(revoked)));
        }
        long inDatabase = states.values().stream().mapToLong(DeviceState::version).max().orElse(0);
        long inMemory =
                listeners.stream()
                        .mapToLong(listener -> listener.devicesDeleted(states))
                        .max()
                        .orElse(0);
        if (inMemory > inDatabase) {
            note(inMemory);
        }
    }

    /** They are gone all the same if this fails; then the clock has to see to later versions. */
    private void note(long version) {
        try {
            table.noteDeleted(version);
        } catch (RegistryUnavailableException failure) {
            log.warn("version of a deleted device not noted version={}", version, failure);
        }
    }

    // ------------------------------------- what is not known, in the turn of who did not find out

    /** The secret of this device may be another one. */
    void perhapsChanged(DeviceId id) {
        add(id, Optional.empty());
    }

    /** These devices may be deleted, which had rows: so they were there. */
    void perhapsDeleted(Map<DeviceId, Deleted> which) {
        tellCreatedBefore(which.keySet());
        which.forEach((id, deleted) -> add(id, Optional.of(deleted)));
    }

    private void add(DeviceId id, Optional<Deleted> deleted) {
        if (devices.size() < DEVICES_MAX || devices.containsKey(id)) {
            devices.merge(
                    id,
                    deleted,
                    (before, later) ->
                            later.map(last -> before.map(last::after).orElse(last))
                                    .or(() -> before));
        } else {
            log.error("too many unsettled changes, memory may not follow this one device={}", id);
        }
    }

    /** This product may be created or deleted, or its settings or its secret may be others. */
    void perhapsChanged(String productKey) {
        if (products.size() < DEVICES_MAX || products.contains(productKey)) {
            products.add(productKey);
        } else {
            log.error("too many unsettled changes, memory may not follow one of a product");
        }
    }

    /**
     * These devices may be created: all of them, or none. Whether they were before is settled
     * ({@link #settleCreated}).
     */
    void perhapsCreated(List<Device> together) {
        if (created.size() + together.size() > DEVICES_MAX) {
            log.error("too many unsettled changes, some devices may not be counted");
            return;
        }
        together.forEach(each -> created.put(each.id(), together));
    }

    private void forgetCreated(List<Device> together) {
        together.forEach(each -> created.remove(each.id(), together));
    }

    // ---------------------------------------------------------------------------- finding out

    /**
     * These are about to be created, or to get other secrets: first it is found out which of them
     * are there though nobody was told so. Blocks, if there are any; in the turn of who is about
     * to.
     *
     * @throws RegistryUnavailableException if the database cannot be asked: then it must not be
     *     done
     */
    void settleCreated(Collection<DeviceId> ids) {
        if (!created.isEmpty()) {
            ids.forEach(this::settleCreated);
        }
    }

    /**
     * Looks at what is not settled; blocks, but waits for no other change: while one is made, what
     * is left stays for the next time. What cannot be read stays as well, and does not keep the
     * others from being looked at.
     *
     * @throws RegistryUnavailableException if the database cannot be asked: then some may be left
     */
    void settle(ProductTable productTable) {
        unreadable.removeIf(this::isSettled);
        for (DeviceId id : created.keySet()) {
            if (created.containsKey(id) && !look(id, () -> settleCreated(id))) {
                return;
            }
        }
        for (DeviceId id : devices.keySet()) {
            if (!look(id, () -> settle(id))) {
                return;
            }
        }
        for (String productKey : List.copyOf(products)) {
            if (!look(productKey, () -> settle(productKey, productTable))) {
                return;
            }
        }
    }

    private boolean isSettled(Object key) {
        return !products.contains(key)
                && !(key instanceof DeviceId id
                        && (devices.containsKey(id) || created.containsKey(id)));
    }

    /** One tells of all. Somebody else's device of that name has another secret. */
    private void settleCreated(DeviceId id) {
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
            created(together);
        }
    }

    /** False if another change is being made, so that this was not looked at. */
    private boolean look(Object key, Runnable settling) {
        try {
            return turn.tryRun(settling);
        } catch (RuntimeException failed) {
            if (failed instanceof RegistryUnavailableException notYet && !notYet.isDamage()) {
                throw notYet;
            }
            if (unreadable.add(key)) {
                log.error("unsettled change unreadable, memory may not follow key={}", key, failed);
            }
            return true;
        }
    }

    private void settle(DeviceId id) {
        if (!devices.containsKey(id)) {
            return;
        }
        Optional<Device> found = table.findSurely(id);
        if (found.isEmpty()) {
            missing(id);
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
    private void settle(String productKey, ProductTable productTable) {
        products.remove(productKey);
        try {
            Optional<Product> found = productTable.update(productKey, present -> present);
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
