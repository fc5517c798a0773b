package io.muster.auth.secret;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.Secret;
import io.muster.devices.product.ProductSettings;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** A registry in memory, with the keys and secrets of the reference's test vectors. */
final class RegisteredDevices implements DeviceLookup {

    static final DeviceId DEV1 = new DeviceId("pk1", "dev1");
    static final Secret DEVICE_SECRET = Secret.of("dsecret1");
    static final Secret PRODUCT_SECRET = Secret.of("psecret1");

    private final Map<DeviceId, Device> devices = new HashMap<>();
    private RotatingSecret productSecrets = RotatingSecret.of(PRODUCT_SECRET);
    private ProductSettings settings = ProductSettings.named("Pumps").withDynamicActivation(true);
    private Optional<RuntimeException> failure = Optional.empty();

    RegisteredDevices() {
        register(DEV1, DeviceStatus.INACTIVE);
    }

    void register(DeviceId id, DeviceStatus status) {
        register(id, status, Optional.empty());
    }

    void register(DeviceId id, DeviceStatus status, Optional<Instant> activatedAt) {
        devices.put(
                id,
                new Device(
                        id,
                        RotatingSecret.of(DEVICE_SECRET),
                        new DeviceState(status, 1, Instant.EPOCH),
                        Instant.EPOCH,
                        activatedAt,
                        Optional.empty(),
                        Optional.empty()));
    }

    /** From now on the product has these settings. */
    void giveSettings(UnaryOperator<ProductSettings> change) {
        settings = change.apply(settings);
    }

    void switchDynamicActivationOff() {
        settings = settings.withDynamicActivation(false);
    }

    /** From now on these are the secrets of the device. */
    void giveSecrets(DeviceId id, RotatingSecret secrets) {
        devices.computeIfPresent(id, (key, device) -> device.withSecrets(secrets));
    }

    /** From now on these are the secrets of the product. */
    void giveProductSecrets(RotatingSecret secrets) {
        productSecrets = secrets;
    }

    void failWith(RuntimeException exception) {
        failure = Optional.of(exception);
    }

    @Override
    public CompletionStage<Optional<Device>> find(DeviceId id) {
        return answer(Optional.ofNullable(devices.get(id)));
    }

    @Override
    public CompletionStage<Optional<Product>> findProduct(String productKey) {
        return answer(
                productKey.equals("pk1")
                        ? Optional.of(
                                new Product("pk1", productSecrets, settings, 1, Instant.EPOCH))
                        : Optional.empty());
    }

    private <T> CompletionStage<T> answer(T found) {
        return failure.<CompletionStage<T>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> CompletableFuture.completedFuture(found));
    }
}
