package io.muster.hub.devices;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.broker.Clients;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.RotatingSecret;
import io.muster.devices.registry.change.RegistryListener;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of devices that are deleted, and connections whose secret has ended, also where
 * that is known long after the request. Shared. What is told here starts that and does not wait for
 * it, so that who deletes devices keeps nobody waiting. It is begun before a name can be given
 * again, and at no other time: so no device inherits the session of another, and none that has its
 * name later loses its own.
 *
 * <p>To be told after the directory, which lets nobody in any more by then.
 */
public final class DeviceSessions implements RegistryListener {

    private static final Logger log = LoggerFactory.getLogger(DeviceSessions.class);

    /** How many may be remembered that did not end. */
    private static final int FAILED_MAX = 10_000;

    private final Clients clients;
    private final Clock clock;

    /** Of deleted devices whose sessions are ending, or did not and nobody was told. */
    private final ConcurrentMap<DeviceId, CompletableFuture<Void>> ending =
            new ConcurrentHashMap<>();

    /** Those of {@code clients}. */
    public DeviceSessions(Clients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    /** All clients that are connected, devices among them. */
    public Clients clients() {
        return clients;
    }

    /** Ends the connection of a device, and the one by which it fetches its secret. */
    public CompletionStage<Boolean> disconnect(DeviceId id) {
        return clients.disconnect(id.toString())
                .thenCombine(
                        clients.disconnect(DeviceSecretAuthenticator.activationName(id)),
                        Boolean::logicalOr);
    }

    /**
     * Complete when nothing is left of the sessions of those among these devices that were deleted
     * so far; a session of one that has such a name now is left alone. If one could not be ended
     * this fails, and who deletes the device once more ends it.
     */
    public CompletionStage<Void> ended(Collection<DeviceId> deleted) {
        return CompletableFuture.allOf(
                deleted.stream()
                        .map(this::ended)
                        .filter(Objects::nonNull)
                        .toArray(CompletableFuture[]::new));
    }

    private @Nullable CompletableFuture<Void> ended(DeviceId id) {
        CompletableFuture<Void> present = ending.get(id);
        return present == null
                ? null
                : present.whenComplete((done, failure) -> ending.remove(id, present));
    }

    @Override
    public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
        deleted.keySet().forEach(this::deviceMissing);
        return 0;
    }

    /** Also the session by which it fetches its secret. */
    @Override
    public void deviceMissing(DeviceId id) {
        CompletableFuture<Void> both =
                CompletableFuture.allOf(
                        forget(id.toString()),
                        forget(DeviceSecretAuthenticator.activationName(id)));
        CompletableFuture<Void> all =
                ending.merge(
                        id,
                        both,
                        (before, now) ->
                                before.isDone() ? now : CompletableFuture.allOf(before, now));
        var unused =
                all.whenComplete(
                        (done, failure) -> {
                            if (failure != null) {
                                log.error("session of a device not ended device={}", id, failure);
                            }
                            if (failure == null || ending.size() > FAILED_MAX) {
                                ending.remove(id, all);
                            }
                        });
    }

    /** Whoever tells of a deletion tells others too: nothing is thrown at him. */
    private CompletableFuture<Boolean> forget(String clientIdentifier) {
        try {
            return clients.forget(clientIdentifier).toCompletableFuture();
        } catch (RuntimeException brokerIsClosed) {
            return CompletableFuture.failedFuture(brokerIsClosed);
        }
    }

    /** One that is just signing in may not be found; it signs in once more then. */
    @Override
    public void deviceSecretsSettled(DeviceId id, RotatingSecret secrets) {
        if (!clients.find(id.toString()).map(client -> stays(client, secrets)).orElse(false)) {
            var unused =
                    clients.disconnect(id.toString())
                            .exceptionally(
                                    failure -> {
                                        log.error(
                                                "connection of a device not ended device={}",
                                                id,
                                                failure);
                                        return false;
                                    });
        }
    }

    private boolean stays(ConnectedClient client, RotatingSecret secrets) {
        return Optional.ofNullable(
                        client.identity().attributes().get(DeviceSecretAuthenticator.SECRET_MARK))
                .map(mark -> secrets.isGood(mark, clock.instant()))
                .orElse(true);
    }
}
