package io.muster.auth.secret;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Registers devices that nobody has registered before they came. Called on any thread. */
@FunctionalInterface
public interface DeviceRegistration {

    /** Registers nobody now. */
    DeviceRegistration NONE =
            id ->
                    CompletableFuture.failedFuture(
                            new RegistryUnavailableException("devices cannot register here"));

    /**
     * Registers a device, durably. Returns at once.
     *
     * @return the device, also if somebody else has registered it meanwhile. Fails with {@link
     *     NotFoundException} if there is no such product, and with {@link
     *     RegistryUnavailableException} if it cannot be done now, or too many want it
     */
    CompletionStage<Device> register(DeviceId id);
}
