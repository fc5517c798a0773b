package io.muster.benchmarks.memory;

import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.details.LastClient;
import io.muster.devices.product.ProductSettings;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * In the place of the device directory, without a database: knows every {@link SimulatedDevice},
 * and keeps of those that are connected what the directory keeps of them, once it has written their
 * states. Shared.
 */
final class DevicesInMemory implements DeviceLookup, ClientObserver {

    private static final ProductSettings SETTINGS = ProductSettings.named("Product");

    private final RotatingSecret productSecrets = RotatingSecret.of(Secret.generate());
    private final Map<DeviceId, Device> signingIn = new ConcurrentHashMap<>();
    private final Map<DeviceId, Connected> connected = new ConcurrentHashMap<>();

    /** As the directory's own record of a device. */
    private record Connected(
            Device device, boolean isConnected, long writtenVersion, Optional<LastClient> client) {}

    /** As read from the database: nothing of it is shared with another device. */
    @Override
    public CompletionStage<Optional<Device>> find(DeviceId id) {
        int number = Integer.parseInt(id.deviceKey().substring("device".length()), 16);
        SimulatedDevice device = new SimulatedDevice(number);
        Instant now = Instant.now();
        Device found =
                new Device(
                        device.id(),
                        RotatingSecret.of(device.secret()),
                        new DeviceState(DeviceStatus.ONLINE, now.toEpochMilli(), now),
                        Instant.now(),
                        Optional.of(Instant.now()),
                        Optional.of(now),
                        Optional.of(Instant.now()));
        signingIn.put(found.id(), found);
        return CompletableFuture.completedFuture(Optional.of(found));
    }

    @Override
    public CompletionStage<Optional<Product>> findProduct(String productKey) {
        return CompletableFuture.completedFuture(
                Optional.of(new Product(productKey, productSecrets, SETTINGS, 1, Instant.EPOCH)));
    }

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        DeviceId id = id(client);
        Device device = Objects.requireNonNull(signingIn.remove(id));
        connected.put(id, new Connected(device, true, device.state().version(), Optional.empty()));
        return CompletableFuture.completedFuture(Admission.ADMITTED);
    }

    @Override
    public void disconnected(ConnectedClient client) {
        connected.remove(id(client));
    }

    @Override
    public void published(ConnectedClient client) {}

    private static DeviceId id(ConnectedClient client) {
        Map<String, String> attributes = client.identity().attributes();
        return new DeviceId(
                Objects.requireNonNull(attributes.get("productKey")),
                Objects.requireNonNull(attributes.get("deviceKey")));
    }
}
