package io.muster.broker.protocol;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Credentials;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.broker.protocol.packet.ConnackProperties;
import io.muster.broker.protocol.packet.PacketEncoder;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.RouteCache;
import io.muster.broker.routing.TopicName;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Link;
import io.muster.broker.session.SessionRegistry;
import io.muster.broker.session.SessionRegistry.ForeignSessionException;
import io.muster.broker.session.SessionRegistry.Opening;
import io.muster.broker.session.SessionRegistry.TooManySessionsException;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From CONNECT to CONNACK: the packet's rules, sign-in, the session, admission, the answer.
 *
 * <p>The steps stand in {@link #connect} in their order; each gives the next value or fails with
 * {@link ConnectRefused}. Each step begins on the channel's loop, whoever completed the one before.
 * The session is registered before the observer is asked to admit the client: whoever bars a client
 * notes the bar first and looks for its session then, so one of the two finds out.
 *
 * <p>Shared.
 */
public final class ConnectFlow {

    private static final Logger log = LoggerFactory.getLogger(ConnectFlow.class);
    private static final int ROUTES_PER_CLIENT = 32;

    private final Authenticator authenticator;
    private final SessionRegistry sessions;
    private final ClientObserver observer;
    private final ProtocolLimits limits;
    private final long admissionMillisMax;

    /**
     * The flow of a broker.
     *
     * @param admissionMillisMax how long the observer may take to admit a client; later clients of
     *     the same name wait that long
     */
    public ConnectFlow(
            Authenticator authenticator,
            SessionRegistry sessions,
            ClientObserver observer,
            ProtocolLimits limits,
            long admissionMillisMax) {
        this.authenticator = authenticator;
        this.sessions = sessions;
        this.observer = observer;
        this.limits = limits;
        this.admissionMillisMax = admissionMillisMax;
    }

    /** What is known of a client between its sign-in and its CONNACK. */
    private record Candidate(
            ClientChannel channel,
            ConnectPacket packet,
            Identity identity,
            String clientIdentifier) {}

    /**
     * Answers a CONNECT. Called on the channel's loop, with reading off.
     *
     * @return the signed-in client, its CONNACK written, on the loop of its session; or failed with
     *     {@link ConnectRefused} or {@link ProtocolViolation}, nothing written, by any thread
     */
    public CompletionStage<Client> connect(ClientChannel channel, MqttConnectMessage message) {
        try {
            ConnectPacket packet = ConnectPacket.read(message, limits);
            return onLoop(
                    channel,
                    signIn(channel, packet),
                    answer -> {
                        Candidate candidate = recognise(channel, packet, answer);
                        return onLoop(
                                channel, open(candidate), opening -> enter(candidate, opening));
                    });
        } catch (ConnectRefused | ProtocolViolation refusal) {
            return CompletableFuture.failedFuture(refusal);
        }
    }

    private CompletionStage<AuthResult> signIn(ClientChannel channel, ConnectPacket packet) {
        Credentials credentials =
                new Credentials(
                        packet.clientIdentifier(),
                        packet.username(),
                        packet.password(),
                        channel.peerCertificates(),
                        channel.remoteAddress(),
                        packet.protocolLevel(),
                        channel.listener());
        try {
            return authenticator.authenticate(credentials).exceptionally(ConnectFlow::failedSignIn);
        } catch (RuntimeException failure) {
            return CompletableFuture.completedFuture(failedSignIn(failure));
        }
    }

    /** An authenticator that fails lets nobody in. */
    private static AuthResult failedSignIn(Throwable failure) {
        log.error("sign-in failed, client refused", failure);
        return AuthResult.deny(DenyReason.UNAVAILABLE, "authenticator failed");
    }

    /** Who the client is and what its session is called. */
    private Candidate recognise(ClientChannel channel, ConnectPacket packet, AuthResult answer) {
        if (answer instanceof AuthResult.Deny deny) {
            throw new ConnectRefused(reasonOf(deny.reason()), deny.detail());
        }
        if (!(answer instanceof AuthResult.Accept accept)) {
            throw new ConnectRefused(
                    ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                    "no authenticator knows these credentials");
        }
        Identity identity = accept.identity();
        if (packet.willTopic()
                .filter(
                        topic ->
                                TopicName.isReserved(topic)
                                        || !identity.permissions().mayPublish(topic))
                .isPresent()) {
            throw new ConnectRefused(ReasonCode.NOT_AUTHORIZED, "may not publish its will");
        }
        return new Candidate(channel, packet, identity, nameOf(packet, identity));
    }

    private static String nameOf(ConnectPacket packet, Identity identity) {
        if (!identity.clientIdentifier().isEmpty()) {
            return identity.clientIdentifier();
        }
        return packet.clientIdentifier().isEmpty()
                ? "assigned-" + UUID.randomUUID()
                : packet.clientIdentifier();
    }

    private CompletionStage<Opening> open(Candidate candidate) {
        if (!candidate.channel().isOpen()) {
            throw new ConnectRefused(
                    ReasonCode.UNSPECIFIED_ERROR, "connection closed during sign-in");
        }
        ConnectPacket packet = candidate.packet();
        return sessions.open(
                        new SessionRegistry.Request(
                                candidate.clientIdentifier(),
                                candidate.identity().principal(),
                                packet.cleanStart(),
                                packet.sessionExpirySeconds() > 0,
                                candidate.channel().loop()))
                .exceptionally(
                        failure -> {
                            throw refusalOf(failure);
                        });
    }

    private static ConnectRefused refusalOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof TooManySessionsException) {
            return new ConnectRefused(
                    ReasonCode.QUOTA_EXCEEDED, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof ForeignSessionException) {
            return new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, String.valueOf(cause.getMessage()));
        }
        log.error("session not opened, client refused", cause);
        return new ConnectRefused(ReasonCode.SERVER_UNAVAILABLE, "session not opened");
    }

    /**
     * On the session's loop: the session gets its connection, the observer admits, the CONNACK goes
     * out.
     */
    private CompletionStage<Client> enter(Candidate candidate, Opening opening) {
        ClientChannel channel = candidate.channel();
        return channel.moveTo(opening.session().loop())
                .exceptionally(
                        failure -> {
                            throw new ConnectRefused(
                                    ReasonCode.SERVER_UNAVAILABLE,
                                    "connection not moved: " + failure.getMessage());
                        })
                .thenCompose(
                        moved -> {
                            Client client = attach(candidate, opening);
                            return onLoop(
                                    channel,
                                    admission(client.link().client()),
                                    admission ->
                                            CompletableFuture.completedFuture(
                                                    answer(candidate, opening, client, admission)));
                        })
                .whenComplete(
                        (client, failure) -> {
                            if (failure != null) {
                                opening.session().loop().run(opening.session()::settle);
                            }
                            opening.done().run();
                        });
    }

    private Client attach(Candidate candidate, Opening opening) {
        ConnectPacket packet = candidate.packet();
        ClientChannel channel = candidate.channel();
        PacketOutput output =
                new PacketOutput(
                        channel, new PacketEncoder(packet.version5()), packet.packetBytesMax());
        ConnectedClient connected =
                new ConnectedClient(
                        candidate.clientIdentifier(),
                        packet.clientIdentifier(),
                        candidate.identity(),
                        channel.remoteAddress(),
                        channel.listener(),
                        packet.protocolLevel(),
                        packet.keepAliveSeconds(),
                        Instant.ofEpochMilli(channel.loop().nowMillis()));
        Link link =
                new Link(
                        output,
                        connected,
                        packet.receiveMaximum(),
                        packet.sessionExpirySeconds(),
                        packet.will(candidate.clientIdentifier()));
        opening.session().attach(link);
        return new Client(
                channel,
                output,
                opening.session(),
                link,
                packet.version5(),
                new RouteCache(ROUTES_PER_CLIENT));
    }

    private CompletionStage<Admission> admission(ConnectedClient client) {
        try {
            return inTime(observer.connecting(client))
                    .exceptionally(
                            failure -> {
                                log.error(
                                        "admission failed, client refused client={}",
                                        client.clientIdentifier(),
                                        failure);
                                return Admission.UNAVAILABLE;
                            });
        } catch (RuntimeException failure) {
            log.error(
                    "admission failed, client refused client={}",
                    client.clientIdentifier(),
                    failure);
            return CompletableFuture.completedFuture(Admission.UNAVAILABLE);
        }
    }

    private CompletionStage<Admission> inTime(CompletionStage<Admission> admission) {
        // A stage of our own is timed out, not the observer's.
        return admission
                .thenApply(Function.identity())
                .toCompletableFuture()
                .orTimeout(admissionMillisMax, TimeUnit.MILLISECONDS);
    }

    private Client answer(
            Candidate candidate, Opening opening, Client client, Admission admission) {
        if (admission != Admission.ADMITTED) {
            client.session().leave(client.link());
            throw new ConnectRefused(
                    admission == Admission.NOT_AUTHORIZED
                            ? ReasonCode.NOT_AUTHORIZED
                            : ReasonCode.SERVER_UNAVAILABLE,
                    "not admitted");
        }
        if (!client.channel().isOpen() || !client.session().admit(client.link())) {
            client.session().leave(client.link());
            observer.disconnected(client.link().client());
            throw new ConnectRefused(
                    ReasonCode.ADMINISTRATIVE_ACTION, "connection ended during sign-in");
        }
        try {
            begin(candidate, opening, client);
        } catch (RuntimeException | Error failure) {
            // It is admitted, so nobody else would end its link, or tell the observer.
            client.end(ConnectionEnd.CONNECTION_LOST);
            throw failure;
        }
        return client;
    }

    private void begin(Candidate candidate, Opening opening, Client client) {
        new PacketEncoder(client.version5())
                .connack(
                        client.channel().outgoing(),
                        opening.isPresent(),
                        connackProperties(candidate));
        client.session().start();
    }

    private ConnackProperties connackProperties(Candidate candidate) {
        ConnectPacket packet = candidate.packet();
        boolean assigned = packet.clientIdentifier().isEmpty();
        return new ConnackProperties(
                packet.sessionExpirySeconds() == packet.requestedExpirySeconds()
                        ? -1
                        : packet.sessionExpirySeconds(),
                limits.inflightMax(),
                limits.packetBytesMax(),
                assigned ? candidate.clientIdentifier() : null,
                packet.isKeepAliveShortened() ? packet.keepAliveSeconds() : -1);
    }

    /**
     * Answers a CONNECT with a refusal. Called on the channel's loop; the caller closes the
     * channel.
     */
    public void refuse(ClientChannel channel, int protocolLevel, ReasonCode reason) {
        new PacketEncoder(protocolLevel >= 5).connack(channel.outgoing(), reason);
    }

    private static ReasonCode reasonOf(DenyReason reason) {
        return switch (reason) {
            case BAD_CREDENTIALS -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            case NOT_AUTHORIZED -> ReasonCode.NOT_AUTHORIZED;
            case BAD_CLIENT_IDENTIFIER -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
            case BANNED -> ReasonCode.BANNED;
            case UNAVAILABLE -> ReasonCode.SERVER_UNAVAILABLE;
        };
    }

    /**
     * Goes on with {@code next} on the loop that the channel is on when {@code stage} is complete.
     */
    private static <T extends @Nullable Object, U> CompletionStage<U> onLoop(
            ClientChannel channel, CompletionStage<T> stage, Function<T, CompletionStage<U>> next) {
        return stage.thenComposeAsync(next, task -> channel.loop().run(task));
    }
}
