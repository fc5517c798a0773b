package io.muster.hub.gateways;

import io.muster.broker.Clients;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ConnectedClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * The connected clients, with the way to devices that are signed in through a gateway: what such a
 * device is sent goes to its gateway, what it may do is asked anew there, and who disconnects it
 * ends its login. Shared; never blocks.
 */
public final class GatewayClients implements Clients {

    private final Clients clients;
    private final SubDevices subDevices;

    /** The clients of a broker, and those behind them. */
    public GatewayClients(Clients clients, SubDevices subDevices) {
        this.clients = clients;
        this.subDevices = subDevices;
    }

    @Override
    public List<ConnectedClient> list(String after, int limit) {
        return clients.list(after, limit);
    }

    @Override
    public Optional<ConnectedClient> find(String clientIdentifier) {
        return clients.find(clientIdentifier);
    }

    @Override
    public boolean isContested(String clientIdentifier) {
        return clients.isContested(clientIdentifier);
    }

    @Override
    public CompletionStage<Boolean> disconnect(ConnectedClient connection) {
        return clients.disconnect(connection);
    }

    @Override
    public CompletionStage<Boolean> expel(ConnectedClient connection) {
        return clients.expel(connection);
    }

    /** Of connections only: a login has no session of its own. */
    @Override
    public CompletionStage<Boolean> forgetIfAway(String clientIdentifier, String principal) {
        return clients.forgetIfAway(clientIdentifier, principal);
    }

    @Override
    public CompletionStage<Boolean> send(String clientIdentifier, Message message) {
        return clients.send(
                subDevices
                        .login(clientIdentifier)
                        .map(login -> login.gateway().client().clientIdentifier())
                        .orElse(clientIdentifier),
                message);
    }

    @Override
    public CompletionStage<Boolean> permissionsChanged(String clientIdentifier) {
        return subDevices
                .login(clientIdentifier)
                .map(login -> subDevices.refreshed(login.gateway()).thenApply(done -> true))
                .orElseGet(() -> clients.permissionsChanged(clientIdentifier));
    }

    /** What a device behind a gateway may publish, its gateway may publish. */
    @Override
    public CompletionStage<Boolean> publishPermissionsChanged(String clientIdentifier) {
        return clients.publishPermissionsChanged(
                subDevices
                        .login(clientIdentifier)
                        .map(login -> login.gateway().client().clientIdentifier())
                        .orElse(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> disconnect(String clientIdentifier) {
        return afterLogin(clientIdentifier, clients.disconnect(clientIdentifier));
    }

    @Override
    public CompletionStage<Boolean> forget(String clientIdentifier) {
        return afterLogin(clientIdentifier, clients.forget(clientIdentifier));
    }

    /** Of connections only: who is behind a gateway has no principal of its own. */
    @Override
    public CompletionStage<Integer> permissionsChanged(Predicate<String> principals) {
        return clients.permissionsChanged(principals);
    }

    /** Of connections only. */
    @Override
    public CompletionStage<Integer> disconnect(Predicate<String> principals) {
        return clients.disconnect(principals);
    }

    /** Of connections only. */
    @Override
    public CompletionStage<Integer> forget(Predicate<String> principals) {
        return clients.forget(principals);
    }

    private CompletionStage<Boolean> afterLogin(
            String clientIdentifier, CompletionStage<Boolean> ended) {
        return subDevices
                .end(clientIdentifier)
                .thenCombine(ended, (wasSignedIn, wasThere) -> wasSignedIn || wasThere);
    }
}
