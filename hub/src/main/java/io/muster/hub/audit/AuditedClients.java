package io.muster.hub.audit;

import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.RefusedClient;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Tells the audit log whom the broker refuses, be it after they have signed in. Whom an
 * authenticator refuses it hears of by {@link AuditedSignIn} alone. Shared by all event loops,
 * never blocks.
 */
public final class AuditedClients implements ClientObserver {

    private final ClientObserver next;
    private final RefusedSignIns refusals;

    /** Before {@code next}, which is asked and told everything. */
    public AuditedClients(ClientObserver next, RefusedSignIns refusals) {
        this.next = next;
        this.refusals = refusals;
    }

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        return next.connecting(client);
    }

    @Override
    public void connected(ConnectedClient client, Consumer<Message> sender) {
        next.connected(client, sender);
    }

    @Override
    public void disconnected(ConnectedClient client) {
        next.disconnected(client);
    }

    @Override
    public boolean mayLeaveWill(ConnectedClient client) {
        return next.mayLeaveWill(client);
    }

    @Override
    public void published(ConnectedClient client) {
        next.published(client);
    }

    @Override
    public boolean refused(ConnectedClient client, Message message, Consumer<Message> answer) {
        return next.refused(client, message, answer);
    }

    @Override
    public void signInRefused(RefusedClient client) {
        refusals.refused(
                client.username().orElseGet(client::clientIdentifier),
                client.remoteAddress(),
                client.reason(),
                client.detail());
        next.signInRefused(client);
    }
}
