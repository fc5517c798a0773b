package io.muster.devices.directory;

import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.directory.DeviceDirectory.Disabling;
import io.muster.devices.registry.DeviceRegistry;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Disables devices and enables them, durably; shared, never blocks. */
final class DurableChanges {

    private final DeviceStates states;
    private final DeviceChanges changes;
    private final StateWriter writer;
    private final DeviceRegistry registry;
    private volatile Consumer<DeviceId> whenEnabled = id -> {};

    DurableChanges(
            DeviceStates states,
            DeviceChanges changes,
            StateWriter writer,
            DeviceRegistry registry) {
        this.states = states;
        this.changes = changes;
        this.writer = writer;
        this.registry = registry;
    }

    /** See {@link DeviceDirectory#disable}. */
    Disabling disable(DeviceId id) {
        CompletionStage<Device> inForce = changes.apply(id, DeviceEvent.DISABLED);
        return new Disabling(
                inForce,
                inForce.thenCompose(
                        disabled ->
                                writer.run(
                                        () -> disableDurably(id),
                                        UnaryOperator.identity(),
                                        tooLate -> {})));
    }

    /** On the writing thread. An enabling that came in between is undone: it was first. */
    private Device disableDurably(DeviceId id) {
        return storeNow(DeviceChanges.joined(changes.apply(id, DeviceEvent.DISABLED)));
    }

    /** See {@link DeviceDirectory#enable}. */
    CompletionStage<Device> enable(DeviceId id, OptionalLong revision) {
        return writer.run(() -> enableInRegistry(id, revision), this::takeOver, this::takeBack);
    }

    /** See {@link DeviceDirectory#whenEnabled}. */
    void whenEnabled(Consumer<DeviceId> listener) {
        whenEnabled = listener;
    }

    private Device takeOver(Device enabled) {
        boolean wasBarred =
                states.find(enabled.id())
                        .filter(device -> device.status() == DeviceStatus.DISABLED)
                        .isPresent();
        states.replace(enabled);
        if (wasBarred) {
            whenEnabled.accept(enabled.id());
        }
        return enabled;
    }

    /**
     * On the writing thread. A disabled device leaves its state only there, so nothing changes it
     * before memory follows. Its new version keeps it in memory meanwhile.
     */
    private Device enableInRegistry(DeviceId id, OptionalLong revision) {
        if (revision.isPresent()) {
            // With its bar written, so that this has its revision.
            var unused = storeNow(reaffirmed(id));
            registry.requireRevision(id, revision);
        }
        Device device = reaffirmed(id);
        if (device.status() != DeviceStatus.DISABLED) {
            return storeNow(device);
        }
        Device enabled = states.enabled(device);
        try {
            writer.write(UnwrittenState.of(enabled));
        } catch (RegistryUnavailableException unknownOutcome) {
            takeBack(enabled);
            throw unknownOutcome;
        }
        return enabled;
    }

    private Device reaffirmed(DeviceId id) {
        return DeviceChanges.joined(changes.change(id, () -> states.reaffirmDisabled(id, 0)));
    }

    /**
     * The registry may hold an enabled state that memory never took over: "disabled" will be
     * written over it, with a version that is newer still.
     */
    private void takeBack(Device enabled) {
        var unused = states.reaffirmDisabled(enabled.id(), enabled.state().version() + 1);
    }

    /** On the writing thread: makes the state durable, unless it is. */
    private Device storeNow(Device device) {
        if (states.isUnwritten(device)) {
            UnwrittenState state = states.unwritten(device);
            writer.write(state);
            states.written(List.of(state));
        }
        return device;
    }
}
