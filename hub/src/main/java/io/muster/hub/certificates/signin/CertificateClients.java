package io.muster.hub.certificates.signin;

import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.broker.log.Quoted;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.broker.spi.RefusedClient;
import io.muster.devices.certificate.CertificateId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enters each client with a certificate among the {@link CertificateConnections} while it is being
 * admitted, and looks at its certificate once more then. Shared; never blocks.
 */
public final class CertificateClients implements ClientObserver {

    private static final Logger log = LoggerFactory.getLogger(CertificateClients.class);

    private final CertificateConnections connections;
    private final ClientCertificateCheck check;
    private final FirstUses firstUses;
    private final DemandedCertificates demanded;
    private final ClientObserver next;

    /**
     * Before {@code next}, which is asked and told everything.
     *
     * @param check the same as that of the {@link CertificateGate}
     * @param demanded as well
     */
    CertificateClients(
            CertificateConnections connections,
            ClientCertificateCheck check,
            FirstUses firstUses,
            DemandedCertificates demanded,
            ClientObserver next) {
        this.connections = connections;
        this.check = check;
        this.firstUses = firstUses;
        this.demanded = demanded;
        this.next = next;
    }

    @Override
    public CompletionStage<Admission> connecting(ConnectedClient client) {
        if (client.origin().certificates().isEmpty()) {
            return unlessDemanded(client);
        }
        Optional<CertificateId> certificate = certificate(client);
        if (certificate.isEmpty()) {
            return refused("its certificate was not looked at");
        }
        CertificateId id = certificate.get();
        connections.enter(id, client, end(client.origin().certificates()));
        CertificateVerdict verdict = check.check(client.origin().certificates());
        if (verdict instanceof CertificateVerdict.Refused refused) {
            connections.leave(id, client);
            return refused(
                    "certificate %s: %s: %s".formatted(id, refused.cause(), refused.detail()));
        }
        return admitted(id, client);
    }

    /** When a certificate is good no more; of one that is refused in a moment no matter when. */
    private Instant end(List<X509Certificate> certificates) {
        return check.check(certificates) instanceof CertificateVerdict.Accepted accepted
                ? accepted.certificate().end()
                : certificates.get(0).getNotAfter().toInstant();
    }

    private CompletionStage<Admission> admitted(CertificateId id, ConnectedClient client) {
        CompletionStage<Admission> admission;
        try {
            admission = unlessDemanded(client);
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

    /**
     * Its product may demand a certificate since it was looked at: whoever changes that ends the
     * connections that are there then, and this one is among them by now.
     */
    private CompletionStage<Admission> unlessDemanded(ConnectedClient client) {
        return demanded.lacking(client.identity())
                .thenCompose(
                        lacking ->
                                lacking.isPresent()
                                        ? refused("its product requires a certificate by now")
                                        : next.connecting(client));
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

    /**
     * Nobody's will goes out in whose name others may speak: neither of a certificate that is
     * revoked nor of one of an authority that is, or is trusted no more; also if its time is over
     * by then.
     */
    @Override
    public boolean mayLeaveWill(ConnectedClient client) {
        boolean isOver = certificate(client).filter(id -> !connections.isGood(id)).isPresent();
        if (isOver) {
            log.info(
                    "will is not published, its certificate is trusted no more client={}",
                    new Quoted(client.clientIdentifier()));
        }
        return !isOver && next.mayLeaveWill(client);
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
