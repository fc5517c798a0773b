package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.SecretReplacedException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Changes devices in memory, which are loaded first if they are not there; shared, never blocks.
 */
final class DeviceChanges {

    /** How often a device may be dropped from memory between its load and its use. */
    private static final int LOADS_MAX = 3;

    private final DeviceStates states;
    private final LookupCache<DeviceId, Device> devices;
    private volatile boolean closed;

    DeviceChanges(DeviceStates states, LookupCache<DeviceId, Device> devices) {
        this.states = states;
        this.devices = devices;
    }

    /** The device after the event. */
    CompletableFuture<Device> apply(DeviceId id, DeviceEvent event) {
        return change(id, key -> states.apply(key, event));
    }

    /**
     * What {@code step} made of the device, which it finds in memory.
     *
     * @param step a change of {@link DeviceStates}: empty if the device is not in memory
     * @return fails with {@link NotFoundException} if there is no such device, and with {@link
     *     RegistryUnavailableException} if that cannot be found out
     */
    CompletableFuture<Device> change(DeviceId id, Function<DeviceId, Optional<Device>> step) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("device directory is closed"));
        }
        Optional<Device> changed;
        try {
            changed = step.apply(id);
        } catch (SecretReplacedException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return changed.isPresent()
                ? CompletableFuture.completedFuture(changed.get())
                : loadAndChange(id, step, LOADS_MAX);
    }

    private CompletableFuture<Device> loadAndChange(
            DeviceId id, Function<DeviceId, Optional<Device>> step, int loadsLeft) {
        if (loadsLeft == 0) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException(
                            "device " + id + " was dropped from memory while it was used"));
        }
        return devices.find(id)
                .thenCompose(
                        found -> {
                            if (found.isEmpty()) {
                                throw new NotFoundException("device '" + id + "' is unknown");
                            }
                            Optional<Device> changed = step.apply(id);
                            return changed.isPresent()
                                    ? CompletableFuture.completedFuture(changed.get())
                                    : loadAndChange(id, step, loadsLeft - 1);
                        });
    }

    /** The device of a stage. On the writing thread only, which may wait. */
    static Device joined(CompletableFuture<Device> stage) {
        try {
            return stage.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Nothing is changed from now on. */
    void close() {
        closed = true;
    }
}
