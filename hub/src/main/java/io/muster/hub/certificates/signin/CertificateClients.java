package io.muster.hub.certificates.signin;

import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.RefusedClient;
import io.muster.devices.certificate.CertificateId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Enters each client with a certificate among the {@link CertificateConnections} while it is being
 * admitted, and looks at its certificate once more then. Shared; never blocks.
 */
public final class CertificateClients implements ClientObserver {

    private final CertificateConnections connections;
    private final ClientCertificateCheck check;
    private final FirstUses firstUses;
    private final ClientObserver next;

    /**
     * Before {@code next}, which is asked and told everything.
     *
     * @param check the same as that of the {@link CertificateGate}
     */
    CertificateClients(
            CertificateConnections connections,
            ClientCertificateCheck check,
            FirstUses firstUses,
            ClientObserver next) {
        this.connections = connections;
        this.check = check;
        this.firstUses = firstUses;
        this.next = next;
    }

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        if (client.origin().certificates().isEmpty()) {
            return next.connecting(client);
        }
        Optional<CertificateId> certificate = certificate(client);
        if (certificate.isEmpty()) {
            return refused("its certificate was not looked at");
        }
        CertificateId id = certificate.get();
        connections.enter(
                id, client, client.origin().certificates().get(0).getNotAfter().toInstant());
        CertificateVerdict verdict = check.check(client.origin().certificates());
        if (verdict instanceof CertificateVerdict.Refused refused) {
            connections.leave(id, client);
            return refused(
                    "certificate %s: %s: %s".formatted(id, refused.cause(), refused.detail()));
        }
        return admitted(id, client);
    }

    private CompletionStage<Admission> admitted(CertificateId id, ConnectedClient client) {
        CompletionStage<Admission> admission;
        try {
            admission = next.connecting(client);
        } catch (RuntimeException e) {
            connections.leave(id, client);
            throw e;
        }
        return admission.whenComplete(
                (answer, failure) -> {
                    if (answer == null || answer.verdict() != Admission.Verdict.ADMITTED) {
                        connections.leave(id, client);
                    }
                });
    }

    private static CompletionStage<Admission> refused(String why) {
        return CompletableFuture.completedFuture(Admission.notAuthorized(why));
    }

    private static Optional<CertificateId> certificate(ConnectedClient client) {
        return Optional.ofNullable(client.identity().attributes().get(CertificateGate.CERTIFICATE))
                .map(CertificateId::parse);
    }

    @Override
    public void connected(ConnectedClient client, Consumer<Message> sender) {
        certificate(client).ifPresent(firstUses::used);
        next.connected(client, sender);
    }

    @Override
    public void disconnected(ConnectedClient client) {
        certificate(client).ifPresent(id -> connections.leave(id, client));
        next.disconnected(client);
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
        next.signInRefused(client);
    }
}
