package io.muster.hub.devices;

import io.muster.auth.secret.DeviceSecretAuthenticator;
import io.muster.broker.Clients;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.RotatingSecret;
import io.muster.devices.registry.change.RegistryListener;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sessions of devices that are deleted, and connections whose secret has ended, also where
 * that is known long after the request. Shared; starts that and does not wait for it, so that who
 * deletes devices keeps nobody waiting. It is begun before a name can be given again: so no device
 * inherits the session of another.
 *
 * <p>To be told after the directory, which lets nobody in any more by then.
 */
public final class DeviceSessions implements RegistryListener {

    private static final Logger log = LoggerFactory.getLogger(DeviceSessions.class);

    private final Clients clients;
    private final Clock clock;

    /** Ends sessions of these clients. */
    public DeviceSessions(Clients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
        deleted.keySet().forEach(this::deviceMissing);
        return 0;
    }

    /** Also the session by which it fetches its secret. */
    @Override
    public void deviceMissing(DeviceId id) {
        note(id, clients.forget(id.toString()));
        note(id, clients.forget(DeviceSecretAuthenticator.activationName(id)));
    }

    /** One that is just signing in may not be found; it signs in once more then. */
    @Override
    public void deviceSecretsSettled(DeviceId id, RotatingSecret secrets) {
        if (!clients.find(id.toString()).map(client -> stays(client, secrets)).orElse(false)) {
            note(id, clients.disconnect(id.toString()));
        }
    }

    private boolean stays(ConnectedClient client, RotatingSecret secrets) {
        return Optional.ofNullable(
                        client.identity().attributes().get(DeviceSecretAuthenticator.SECRET_MARK))
                .map(mark -> secrets.isGood(mark, clock.instant()))
                .orElse(true);
    }

    private static void note(DeviceId id, CompletionStage<Boolean> ending) {
        var unused =
                ending.exceptionally(
                        failure -> {
                            log.error("session of a device not ended device={}", id, failure);
                            return false;
                        });
    }
}
