package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RotatingSecret;
import io.muster.devices.details.LastClient;
import java.time.Instant;
import java.util.Optional;

/**
 * A device with what the registry does not know of it; immutable.
 *
 * @param device as it stands
 * @param connected whether it has a connection; one that is connected may be offline, when it idles
 * @param writtenVersion the version of its state that the registry holds
 * @param client by which it signed in, until the registry holds that, too
 */
record Tracked(Device device, boolean connected, long writtenVersion, Optional<LastClient> client) {

    /** A device as it was read from the registry. */
    static Tracked fromRegistry(Device device) {
        return new Tracked(device, false, device.state().version(), Optional.empty());
    }

    boolean isWritten() {
        return device.state().version() == writtenVersion;
    }

    /** Whether the registry knows as much, so that memory may forget the device. */
    boolean isSettled() {
        return !connected && isWritten();
    }

    /** Whether the device has signed in for the first time since it stood like this. */
    boolean isActivatedSince(Tracked before) {
        return device.activatedAt().isPresent() && before.device.activatedAt().isEmpty();
    }

    /** After {@code event}; this very object if it changes nothing. */
    Tracked after(DeviceEvent event, long nowMillis) {
        DeviceStatus status = device.status().next(event, device.activatedAt().isPresent());
        boolean stillConnected =
                switch (event) {
                    case SIGNED_IN -> status == DeviceStatus.ONLINE;
                    case CONNECTION_LOST, DISABLED -> false;
                    case IDLED, ENABLED -> connected;
                };
        if (status == device.status() && stillConnected == connected) {
            return this;
        }
        Device changed = status == device.status() ? device : withStatus(status, nowMillis);
        return new Tracked(changed, stillConnected, writtenVersion, client);
    }

    /** Same status, newer version of at least the given one, and so to be written again. */
    Tracked withNewVersion(long versionMin) {
        DeviceState state = device.state();
        return withState(new DeviceState(state.status(), nextVersion(versionMin), state.since()));
    }

    /** With the secrets that the registry holds. */
    Tracked withSecrets(RotatingSecret secrets) {
        return new Tracked(device.withSecrets(secrets), connected, writtenVersion, client);
    }

    /**
     * Signed in by a client, which is written with the state that this brought about. If it brought
     * about none, since the device was online already, that has a new version to be written.
     *
     * @param before the device before it signed in
     */
    Tracked by(LastClient other, Tracked before) {
        if (device.status() != DeviceStatus.ONLINE) {
            return this;
        }
        boolean isNewState = device.state().version() > before.device.state().version();
        Tracked changed = isNewState ? this : withNewVersion(0);
        return new Tracked(changed.device, connected, writtenVersion, Optional.of(other));
    }

    /** After the registry has stored {@code version}, and the client with the newest one. */
    Tracked written(long version) {
        return new Tracked(
                device,
                connected,
                Math.max(version, writtenVersion),
                version < device.state().version() ? client : Optional.empty());
    }

    private Device withStatus(DeviceStatus status, long nowMillis) {
        Instant now = Instant.ofEpochMilli(nowMillis);
        boolean comesOnline = status == DeviceStatus.ONLINE;
        boolean goesOffline = device.status() == DeviceStatus.ONLINE;
        return new Device(
                device.id(),
                device.secrets(),
                new DeviceState(status, nextVersion(nowMillis), now),
                device.createdAt(),
                comesOnline && device.activatedAt().isEmpty()
                        ? Optional.of(now)
                        : device.activatedAt(),
                comesOnline ? Optional.of(now) : device.lastOnlineAt(),
                goesOffline ? Optional.of(now) : device.lastOfflineAt());
    }

    private Tracked withState(DeviceState state) {
        Device changed =
                new Device(
                        device.id(),
                        device.secrets(),
                        state,
                        device.createdAt(),
                        device.activatedAt(),
                        device.lastOnlineAt(),
                        device.lastOfflineAt());
        return new Tracked(changed, connected, writtenVersion, client);
    }

    /**
     * Greater than the version before; and, because the present is the least and the clock goes on
     * while a hub is down, greater than versions that listeners were told but a crash destroyed.
     */
    private long nextVersion(long versionMin) {
        return Math.max(device.state().version() + 1, versionMin);
    }
}
