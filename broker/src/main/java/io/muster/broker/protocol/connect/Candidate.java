package io.muster.broker.protocol.connect;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.auth.spi.Identity;
import io.muster.broker.protocol.ClientChannel;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.compression.PayloadCompression;
import io.muster.broker.protocol.decode.WillPart;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.spi.ConnectedClient;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What is known of a client between its sign-in and its CONNACK. Immutable.
 *
 * @param clientIdentifier what its session is called
 */
record Candidate(
        ClientChannel channel,
        ConnectRequest request,
        SignIn.Outcome signIn,
        Identity identity,
        String clientIdentifier) {

    /**
     * Who the client is and what its session is called.
     *
     * @throws ConnectRefused if it was not recognised, or may not publish its will
     */
    static Candidate of(ClientChannel channel, ConnectRequest request, SignIn.Outcome outcome) {
        if (outcome.result() instanceof AuthResult.Deny deny) {
            boolean presented =
                    request.presentsCredentials() || !channel.peerCertificates().isEmpty();
            throw ConnectRefused.denied(reasonOf(deny.reason(), presented), deny.detail());
        }
        if (!(outcome.result() instanceof AuthResult.Accept accept)) {
            throw new ConnectRefused(
                    ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                    "no authenticator knows these credentials");
        }
        Identity identity = accept.identity();
        checkWill(request, identity);
        checkCompression(identity);
        return new Candidate(channel, request, outcome, identity, nameOf(request, identity));
    }

    /** Who presents nothing is not told that it was wrong. */
    private static ReasonCode reasonOf(DenyReason reason, boolean presented) {
        return switch (reason) {
            case BAD_CREDENTIALS ->
                    presented ? ReasonCode.BAD_USER_NAME_OR_PASSWORD : ReasonCode.NOT_AUTHORIZED;
            case NOT_AUTHORIZED -> ReasonCode.NOT_AUTHORIZED;
            case BAD_CLIENT_IDENTIFIER -> ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
            case BANNED -> ReasonCode.BANNED;
            case UNAVAILABLE -> ReasonCode.SERVER_UNAVAILABLE;
        };
    }

    private static void checkWill(ConnectRequest request, Identity identity) {
        WillPart will = request.packet().will();
        if (will != null
                && (request.isReserved(will.topic())
                        || !identity.permissions().mayPublish(will.topic()))) {
            throw new ConnectRefused(ReasonCode.NOT_AUTHORIZED, "may not publish its will");
        }
    }

    /** A client that nobody here understands would understand nothing either. */
    private static void checkCompression(Identity identity) {
        String name = identity.attributes().get(PayloadCompression.ATTRIBUTE);
        if (name != null && PayloadCompression.find(name).isEmpty()) {
            throw new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "payload compression is not offered: " + name);
        }
    }

    /** How its payloads are compressed; empty if they are not. */
    Optional<PayloadCompression> compression() {
        return Optional.ofNullable(identity.attributes().get(PayloadCompression.ATTRIBUTE))
                .flatMap(PayloadCompression::find);
    }

    private static String nameOf(ConnectRequest request, Identity identity) {
        if (!identity.clientIdentifier().isEmpty()) {
            return identity.clientIdentifier();
        }
        String sent = request.packet().clientIdentifier();
        return sent.isEmpty() ? "assigned-" + UUID.randomUUID() : sent;
    }

    /** What the observer is told of it. */
    ConnectedClient connectedClient() {
        return new ConnectedClient(
                clientIdentifier,
                request.packet().clientIdentifier(),
                identity,
                new ConnectedClient.Origin(
                        channel.remoteAddress(), channel.listener(), channel.peerCertificates()),
                request.packet().protocolLevel(),
                request.keepAliveSeconds(),
                Instant.ofEpochMilli(channel.loop().nowMillis()));
    }
}
