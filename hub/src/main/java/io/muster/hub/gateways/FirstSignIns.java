package io.muster.hub.gateways;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.directory.DeviceDirectory;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sees to it that the first sign-in of a device outlives a crash, if until then others of its
 * product could have fetched its secret. Shared; never blocks.
 */
public final class FirstSignIns {

    private final DeviceDirectory directory;

    /** Devices that were refused because their first sign-in could not be made durable. */
    private final Set<DeviceId> unrecorded = ConcurrentHashMap.newKeySet();

    /** Those of the devices in {@code directory}. */
    public FirstSignIns(DeviceDirectory directory) {
        this.directory = directory;
    }

    /**
     * Complete when it is certain that the device has signed in.
     *
     * @param device as it stands after that
     * @param undo takes it offline again; run before the stage fails
     */
    public CompletionStage<Device> recorded(Device device, Runnable undo) {
        DeviceId id = device.id();
        if (!device.isOnlineFirst() && !unrecorded.contains(id)) {
            return CompletableFuture.completedFuture(device);
        }
        return directory
                .findProduct(id.productKey())
                .thenCompose(
                        product ->
                                product.filter(Product::dynamicActivation).isPresent()
                                        ? directory.flush(device)
                                        : CompletableFuture.completedFuture(device))
                .whenComplete(
                        (written, failure) -> {
                            if (failure == null) {
                                unrecorded.remove(id);
                            } else {
                                unrecorded.add(id);
                                undo.run();
                            }
                        });
    }
}
