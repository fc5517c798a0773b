package io.muster.devices;

import java.time.Instant;
import java.util.Optional;

/**
 * A registered device as it stands at one moment.
 *
 * @param id its name
 * @param secrets prove that it is itself
 * @param state its state
 * @param createdAt when it was registered
 * @param activatedAt when it first signed in
 * @param lastOnlineAt when it last came online
 * @param lastOfflineAt when it last went offline
 */
public record Device(
        DeviceId id,
        RotatingSecret secrets,
        DeviceState state,
        Instant createdAt,
        Optional<Instant> activatedAt,
        Optional<Instant> lastOnlineAt,
        Optional<Instant> lastOfflineAt) {

    /** The newest of its secrets. */
    public Secret secret() {
        return secrets.newest();
    }

    /** The same device with other secrets. */
    public Device withSecrets(RotatingSecret others) {
        return new Device(id, others, state, createdAt, activatedAt, lastOnlineAt, lastOfflineAt);
    }

    /** The same device with another version of its state. */
    public Device withVersion(long version) {
        return new Device(
                id,
                secrets,
                new DeviceState(state.status(), version, state.since()),
                createdAt,
                activatedAt,
                lastOnlineAt,
                lastOfflineAt);
    }

    /** Whether it never signed in and is not barred, so that it may still be told its secret. */
    public boolean awaitsActivation() {
        return activatedAt.isEmpty() && state.status() == DeviceStatus.INACTIVE;
    }

    /** The status that is shown. */
    public DeviceStatus status() {
        return state.status();
    }
}
