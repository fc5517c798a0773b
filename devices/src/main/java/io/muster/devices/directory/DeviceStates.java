package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Cache;
import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RotatingSecret;
import io.muster.devices.SecretReplacedException;
import io.muster.devices.details.LastClient;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.directory.DeviceDirectory.SignedIn;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The states of the devices in memory, and the only place that changes them; shared, never blocks
 * on anything but the lock of one device.
 *
 * <p><b>Two places.</b> A device that is connected, or whose state is not written yet, is
 * <em>live</em>: it stays in memory, because only memory knows its state. Every other device is
 * <em>settled</em>: the registry knows as much, so a bounded cache holds it and may drop it at any
 * time. What is in the cache always equals the registry. A device that is live hides its copy among
 * the settled.
 *
 * <p><b>One lock per device.</b> Every change runs inside {@code live.compute} of its key, also the
 * way from settled to live and back. Under that lock the change is counted and put in line for the
 * listeners; so both see a device's changes in one order, and a device that is disabled is disabled
 * for every sign-in that comes after. Nothing under the lock waits, and no callback of a cache
 * comes back to it on the same thread: expiry is told on the timer's thread.
 *
 * <p><b>No way back in time.</b> A reader looks at live first and then at settled; on the way back
 * a device is settled before it stops being live, so it cannot be missed and then read stale. If it
 * is missed on the way from settled to live, the load that follows asks {@link #findSurely}, which
 * waits for a change that is under way. See {@link LookupCache} for the rest of the argument.
 */
final class DeviceStates {

    private final ConcurrentMap<DeviceId, Tracked> live = new ConcurrentHashMap<>();
    private final Cache<DeviceId, Device> settled;
    private final Set<DeviceId> unwritten = ConcurrentHashMap.newKeySet();

    /** Those that were taken to be written, and nobody knows yet whether they are. */
    private final Set<DeviceId> underWay = ConcurrentHashMap.newKeySet();

    private final StatusCounts counts;
    private final List<ChangeNotifier> notifiers;
    private final Clock clock;
    private final IdleWatch idleWatch;

    /**
     * Without devices.
     *
     * @param settled where devices go that the registry knows as well
     * @param idleWatch makes the watch that reports to the given consumer
     */
    DeviceStates(
            Cache<DeviceId, Device> settled,
            StatusCounts counts,
            List<ChangeNotifier> notifiers,
            Clock clock,
            Function<Consumer<DeviceId>, IdleWatch> idleWatch) {
        this.settled = settled;
        this.counts = counts;
        this.notifiers = notifiers;
        this.clock = clock;
        this.idleWatch = idleWatch.apply(this::idled);
    }

    /** The device, if it is in memory; waits for nobody. */
    Optional<Device> find(DeviceId id) {
        Tracked tracked = live.get(id);
        return Optional.ofNullable(tracked != null ? tracked.device() : settled.getIfPresent(id));
    }

    /** The device, if it is in memory; waits for a change that is under way. */
    Optional<Device> findSurely(DeviceId id) {
        return change(id, tracked -> tracked);
    }

    /** The device after the event, if it is in memory; see {@link #signIn} for another. */
    Optional<Device> apply(DeviceId id, DeviceEvent event) {
        return change(id, tracked -> tracked.after(event, clock.millis()));
    }

    /**
     * The device after it signed in, if it is in memory. Whether its secret is good is looked at
     * under its lock: after {@link #secretsChanged} nobody gets in with one that is not.
     *
     * @throws SecretReplacedException if it is not good now; nothing is changed then
     */
    Optional<SignedIn> signIn(
            DeviceId id, Optional<String> secretMark, Optional<LastClient> client) {
        AtomicBoolean isFirst = new AtomicBoolean();
        Optional<Device> device =
                change(
                        id,
                        tracked -> {
                            secretMark.ifPresent(mark -> requireGood(tracked.device(), mark));
                            Tracked after = signIn(tracked, client);
                            isFirst.set(after.isActivatedSince(tracked));
                            return after;
                        });
        return device.map(found -> new SignedIn(found, isFirst.get()));
    }

    private void requireGood(Device device, String mark) {
        if (!device.secrets().isGood(mark, clock.instant())) {
            throw new SecretReplacedException(
                    "device '" + device.id() + "' has other secrets by now");
        }
    }

    /** The registry holds these secrets of the device now. */
    void secretsChanged(DeviceId id, RotatingSecret secrets) {
        change(id, tracked -> tracked.withSecrets(secrets));
    }

    private Tracked signIn(Tracked tracked, Optional<LastClient> client) {
        Tracked after = signIn(tracked);
        return client.map(by -> after.by(by, tracked)).orElse(after);
    }

    private Tracked signIn(Tracked tracked) {
        Tracked after = tracked.after(DeviceEvent.SIGNED_IN, clock.millis());
        if (after.connected()) {
            idleWatch.watch(after.device().id());
        }
        return after;
    }

    /** The device sent data; cheap when it is known to be online. */
    void sentData(DeviceId id) {
        if (!idleWatch.renew(id) && live.containsKey(id)) {
            change(id, tracked -> tracked.connected() ? signIn(tracked) : tracked);
        }
    }

    /**
     * The idle limit of a product is another one: it counts from now on for those who are online.
     * Those who are connected and idle stay so until they send data, unless there is no limit any
     * more.
     */
    void idleLimitChanged(String productKey) {
        for (DeviceId id : live.keySet()) {
            if (id.productKey().equals(productKey)) {
                change(id, this::watchAnew);
            }
        }
    }

    private Tracked watchAnew(Tracked tracked) {
        DeviceId id = tracked.device().id();
        boolean isOnline = tracked.device().status() == DeviceStatus.ONLINE;
        return tracked.connected() && (isOnline || idleWatch.isOff(id)) ? signIn(tracked) : tracked;
    }

    private void idled(DeviceId id) {
        change(
                id,
                tracked ->
                        idleWatch.isWatched(id)
                                ? tracked
                                : tracked.after(DeviceEvent.IDLED, clock.millis()));
    }

    /**
     * If the device is disabled, gives its state a new version that must be written. Until then it
     * stays live, and whatever older state the registry holds will be overwritten.
     *
     * @param versionMin the new version is this at least
     */
    Optional<Device> reaffirmDisabled(DeviceId id, long versionMin) {
        return change(
                id,
                tracked ->
                        tracked.device().status() == DeviceStatus.DISABLED
                                ? tracked.withNewVersion(Math.max(clock.millis(), versionMin))
                                : tracked);
    }

    /** How the device would stand after it is enabled. */
    Device enabled(Device disabled) {
        return Tracked.fromRegistry(disabled).after(DeviceEvent.ENABLED, clock.millis()).device();
    }

    /** Takes over a state that is written already, unless memory holds a newer one; no secrets. */
    void replace(Device written) {
        change(
                written.id(),
                tracked ->
                        tracked.device().state().version() < written.state().version()
                                ? new Tracked(
                                        written.withSecrets(tracked.device().secrets()),
                                        tracked.connected(),
                                        written.state().version(),
                                        tracked.client())
                                : tracked);
    }

    /**
     * The registry has no such device any more: it is forgotten, and so is what is still to be
     * written of it.
     *
     * @param registered its status there, which counts if it is not in memory; empty if the
     *     registry did not know it either
     * @return the device, if it was in memory
     */
    Optional<Device> remove(DeviceId id, Optional<DeviceStatus> registered) {
        AtomicReference<@Nullable Device> removed = new AtomicReference<>();
        live.compute(
                id,
                (key, held) -> {
                    Tracked last = held != null ? held : settled(key);
                    settled.invalidate(key);
                    idleWatch.forget(key);
                    Optional<DeviceStatus> status =
                            last != null ? Optional.of(last.device().status()) : registered;
                    status.ifPresent(found -> counts.removed(key, found));
                    if (status.isPresent()) {
                        notifiers.forEach(each -> each.deleted(key));
                    }
                    removed.set(last != null ? last.device() : null);
                    return null;
                });
        unwritten.remove(id);
        return Optional.ofNullable(removed.get());
    }

    private Optional<Device> change(DeviceId id, UnaryOperator<Tracked> step) {
        AtomicReference<@Nullable Device> result = new AtomicReference<>();
        Tracked kept =
                live.compute(
                        id,
                        (key, held) -> {
                            Tracked before = held != null ? held : settled(key);
                            if (before == null) {
                                return null;
                            }
                            Tracked after = step.apply(before);
                            result.set(after.device());
                            if (after.equals(before)) {
                                return held;
                            }
                            settled.invalidate(key);
                            return keep(before, after);
                        });
        if (kept != null && !kept.isWritten()) {
            // After the state can be seen: a mark that came first could be taken in vain.
            unwritten.add(id);
        }
        return Optional.ofNullable(result.get());
    }

    private @Nullable Tracked settled(DeviceId id) {
        Device device = settled.getIfPresent(id);
        return device == null ? null : Tracked.fromRegistry(device);
    }

    /** Called under the device's lock: tells everybody, and returns what stays live. */
    private @Nullable Tracked keep(Tracked before, Tracked after) {
        Device device = after.device();
        DeviceStatus statusBefore = before.device().status();
        if (device.status() != statusBefore) {
            counts.moved(device.id(), statusBefore, device.status());
            notifiers.forEach(each -> each.changed(device, statusBefore));
        }
        if (device.status() != DeviceStatus.ONLINE && statusBefore == DeviceStatus.ONLINE) {
            idleWatch.forget(device.id());
        }
        return unlessSettled(after);
    }

    private @Nullable Tracked unlessSettled(Tracked tracked) {
        if (!tracked.isSettled()) {
            return tracked;
        }
        settled.put(tracked.device().id(), tracked.device());
        return null;
    }

    /** How many devices have a state that is not written. */
    int unwrittenCount() {
        return unwritten.size();
    }

    /** The same with those that are being written just now. */
    int waitingCount() {
        return unwritten.size()
                + (int) underWay.stream().filter(id -> !unwritten.contains(id)).count();
    }

    /** Whether the registry does not hold this state of the device yet. */
    boolean isUnwritten(Device device) {
        Tracked tracked = live.get(device.id());
        return tracked != null && tracked.writtenVersion() < device.state().version();
    }

    /**
     * Some devices whose state is to be written; whoever takes them reports what became of it, on
     * the same thread.
     *
     * @param wanted which of them may be taken
     */
    List<UnwrittenState> takeUnwritten(int max, Predicate<DeviceId> wanted) {
        List<UnwrittenState> batch = new ArrayList<>();
        Iterator<DeviceId> ids = unwritten.iterator();
        while (batch.size() < max && ids.hasNext()) {
            DeviceId id = ids.next();
            if (!wanted.test(id)) {
                continue;
            }
            underWay.add(id);
            // First the mark, then the state: a change in between sets the mark again.
            ids.remove();
            Tracked tracked = live.get(id);
            if (tracked != null && !tracked.isWritten()) {
                batch.add(new UnwrittenState(tracked.device(), tracked.client()));
            } else {
                underWay.remove(id);
            }
        }
        return batch;
    }

    /** By which client a device signed in, if the registry does not hold that yet. */
    Optional<LastClient> unwrittenClient(DeviceId id) {
        return Optional.ofNullable(live.get(id)).flatMap(Tracked::client);
    }

    /** The device as it is to be written. */
    UnwrittenState unwritten(Device device) {
        return new UnwrittenState(device, unwrittenClient(device.id()));
    }

    /** The registry holds these states now. */
    void written(Collection<UnwrittenState> states) {
        for (UnwrittenState state : states) {
            Device device = state.device();
            live.computeIfPresent(
                    device.id(),
                    (id, tracked) -> unlessSettled(tracked.written(device.state().version())));
        }
        underWay.clear();
    }

    /** The registry could not be written: the states stay unwritten. */
    void notWritten(Collection<UnwrittenState> states) {
        states.forEach(state -> unwritten.add(state.device().id()));
        underWay.clear();
    }
}
