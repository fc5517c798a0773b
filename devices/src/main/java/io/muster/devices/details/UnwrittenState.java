package io.muster.devices.details;

import io.muster.devices.Device;
import java.util.Optional;

/**
 * What is to be written of a device when its state has changed.
 *
 * @param device with its state
 * @param client by which it signed in; empty if the registry knows as much
 */
public record UnwrittenState(Device device, Optional<LastClient> client) {

    /** A state alone. */
    public static UnwrittenState of(Device device) {
        return new UnwrittenState(device, Optional.empty());
    }
}
