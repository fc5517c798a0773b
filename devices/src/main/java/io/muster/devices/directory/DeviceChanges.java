package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

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
        return change(id, () -> states.apply(id, event));
    }

    /**
     * What {@code step} made of the device, which it finds in memory.
     *
     * @param step a change of {@link DeviceStates}: empty if the device is not in memory
     * @return fails as {@code step} does, with {@link NotFoundException} if there is no such
     *     device, and with {@link RegistryUnavailableException} if that cannot be found out
     */
    <T> CompletableFuture<T> change(DeviceId id, Supplier<Optional<T>> step) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("device directory is closed"));
        }
        return change(id, step, LOADS_MAX);
    }

    private <T> CompletableFuture<T> change(
            DeviceId id, Supplier<Optional<T>> step, int loadsLeft) {
        Optional<T> changed;
        try {
            changed = step.get();
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        if (changed.isPresent()) {
            return CompletableFuture.completedFuture(changed.get());
        }
        if (loadsLeft == 0) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException(
                            "device " + id + " was dropped from memory while it was used"));
        }
        return devices.find(id)
                .thenCompose(
                        found ->
                                found.isPresent()
                                        ? change(id, step, loadsLeft - 1)
                                        : CompletableFuture.failedFuture(
                                                new NotFoundException(
                                                        "device '" + id + "' is unknown")));
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
