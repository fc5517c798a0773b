package io.muster.hub.gateways;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DeviceDirectory.SignedIn;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sees to it that the first sign-in of a device outlives a crash, if until then others of its
 * product could have fetched its secret; and knows which gateways fetched secrets lately, whose
 * answers may have been lost. Shared; never blocks.
 */
public final class FirstSignIns {

    private static final int FETCHED_MAX = 100_000;
    private static final Duration FETCHED_AGE_MAX = Duration.ofHours(1);

    private final DeviceDirectory directory;

    /** Until the device signs in by its own secret, and not longer than its age. */
    private final Cache<DeviceId, Fetched> fetched =
            Caffeine.newBuilder()
                    .maximumSize(FETCHED_MAX)
                    .expireAfterWrite(FETCHED_AGE_MAX)
                    .executor(Runnable::run)
                    .build();

    /** Who fetched a secret, and which. */
    private record Fetched(DeviceId gateway, String secretMark) {}

    /** Devices whose first sign-in is not known to be durable: being written, or refused. */
    private final Set<DeviceId> unrecorded = ConcurrentHashMap.newKeySet();

    /** Those of the devices in {@code directory}. */
    public FirstSignIns(DeviceDirectory directory) {
        this.directory = directory;
    }

    /**
     * A device is online by whichever way; called under its lock, so before anybody can find it
     * online or sign it in again.
     */
    void online(SignedIn signedIn) {
        if (signedIn.isFirst()) {
            unrecorded.add(signedIn.device().id());
        }
    }

    /** There is no such device any more. */
    void deleted(DeviceId id) {
        unrecorded.remove(id);
        fetched.invalidate(id);
    }

    /**
     * A gateway is about to be told the secret of a device that it signed in by that of its
     * product.
     */
    void fetched(DeviceId gateway, Device device) {
        fetched.put(device.id(), new Fetched(gateway, device.secret().mark()));
    }

    /**
     * Whether this gateway may be told the secret of the device again: it was told, and nobody has
     * signed in by it since.
     */
    boolean mayFetchAgain(DeviceId gateway, Device device) {
        return new Fetched(gateway, device.secret().mark())
                .equals(fetched.getIfPresent(device.id()));
    }

    /** The same, whatever secret the device has by now. */
    boolean hasFetched(DeviceId gateway, DeviceId device) {
        Fetched last = fetched.getIfPresent(device);
        return last != null && last.gateway().equals(gateway);
    }

    /**
     * A device has signed in by its own secret; complete when that is certain.
     *
     * @param device as it stands after that; if the stage fails, it is to be taken offline again
     */
    public CompletionStage<Device> recorded(Device device) {
        return durable(device)
                .whenComplete(
                        (written, failure) -> {
                            if (failure == null) {
                                fetched.invalidate(device.id());
                            }
                        });
    }

    /** The same of one that has signed in by the secret of its product. */
    CompletionStage<Device> durable(Device device) {
        DeviceId id = device.id();
        if (!unrecorded.contains(id)) {
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
                            }
                        });
    }
}
