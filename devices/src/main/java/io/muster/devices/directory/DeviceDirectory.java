package io.muster.devices.directory;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.Application;
import io.muster.devices.ApplicationLookup;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.registry.ApplicationRegistry;
import io.muster.devices.registry.DeviceRegistry;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Signatures first; the rooms behind it follow in the next commits. */
@SuppressWarnings("DoNotCallSuggester") // until the rooms behind it are there
public final class DeviceDirectory implements DeviceLookup, ApplicationLookup, AutoCloseable {

    private DeviceDirectory() {}

    public static DeviceDirectory open(
            DeviceRegistry devices,
            ApplicationRegistry applications,
            DirectorySettings settings,
            Clock clock,
            Ticker ticker) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Optional<Device>> find(DeviceId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Optional<Product>> findProduct(String productKey) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Optional<Application>> findApplication(String username) {
        throw new UnsupportedOperationException();
    }

    public CompletionStage<Device> signedIn(DeviceId id) {
        throw new UnsupportedOperationException();
    }

    public CompletionStage<Device> connectionLost(DeviceId id) {
        throw new UnsupportedOperationException();
    }

    public void seen(DeviceId id) {
        throw new UnsupportedOperationException();
    }

    public CompletionStage<Device> disable(DeviceId id) {
        throw new UnsupportedOperationException();
    }

    public CompletionStage<Device> enable(DeviceId id) {
        throw new UnsupportedOperationException();
    }

    /** The device as it stands now, given how it stands in the registry (a page of a listing). */
    public Device latest(Device registered) {
        throw new UnsupportedOperationException();
    }

    public Map<DeviceStatus, Long> counts() {
        throw new UnsupportedOperationException();
    }

    public void addListener(DeviceStateListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
