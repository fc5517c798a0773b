package io.muster.hub.products;

import io.muster.auth.secret.DeviceRegistration;
import io.muster.devices.AlreadyExistsException;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.DeviceRegistry;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers devices that come with their product's secret and that nobody has registered. Shared;
 * never blocks its callers: the registry is asked on one thread of its own. What waits is bounded,
 * and so is what is done in a second, since whoever has the secret of a product could fill the
 * registry.
 */
public final class SelfRegistration implements DeviceRegistration, AutoCloseable {

    /** Devices that are registered in a second at most. */
    static final int A_SECOND_MAX = 100;

    private static final Logger log = LoggerFactory.getLogger(SelfRegistration.class);

    private static final int WAITING_MAX = 1_000;

    private final DeviceRegistry registry;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING_MAX),
                    task -> {
                        Thread made = new Thread(task, "device-registration");
                        made.setDaemon(true);
                        return made;
                    });

    // Guarded by this.
    private long secondBegan;
    private int inThisSecond;

    /**
     * Registers devices in {@code registry}.
     *
     * @param nanoTime as {@link System#nanoTime}
     */
    public SelfRegistration(DeviceRegistry registry, LongSupplier nanoTime) {
        this.registry = registry;
        this.nanoTime = nanoTime;
        this.secondBegan = nanoTime.getAsLong();
    }

    @Override
    public CompletionStage<Device> register(DeviceId id) {
        CompletableFuture<Device> registered = new CompletableFuture<>();
        if (!hasRoom()) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException(
                            "more than " + A_SECOND_MAX + " devices a second register themselves"));
        }
        try {
            thread.execute(() -> registerInTurn(id, registered));
        } catch (RejectedExecutionException full) {
            return CompletableFuture.failedFuture(
                    new RegistryUnavailableException("too many devices register themselves", full));
        }
        return registered
                .orTimeout(registry.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(
                        failure ->
                                CompletableFuture.failedFuture(
                                        failure instanceof TimeoutException
                                                ? new RegistryUnavailableException(
                                                        "device not registered in time", failure)
                                                : failure));
    }

    private synchronized boolean hasRoom() {
        long now = nanoTime.getAsLong();
        if (now - secondBegan >= TimeUnit.SECONDS.toNanos(1)) {
            secondBegan = now;
            inThisSecond = 0;
        }
        inThisSecond = Math.min(inThisSecond + 1, A_SECOND_MAX + 1);
        return inThisSecond <= A_SECOND_MAX;
    }

    private void registerInTurn(DeviceId id, CompletableFuture<Device> registered) {
        if (registered.isDone()) {
            return; // Nobody waits any more.
        }
        try {
            registered.complete(create(id));
        } catch (RuntimeException failed) {
            registered.completeExceptionally(failed);
        }
    }

    private Device create(DeviceId id) {
        try {
            Device created = registry.createDevice(id.productKey(), Optional.of(id.deviceKey()));
            log.info("device registered itself device={}", id);
            return created;
        } catch (AlreadyExistsException faster) {
            return registry.findDevice(id)
                    .orElseThrow(() -> new NotFoundException("device '" + id + "' is deleted"));
        }
    }

    /** Who waits is refused in time. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
