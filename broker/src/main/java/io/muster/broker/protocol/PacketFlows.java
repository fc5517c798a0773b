package io.muster.broker.protocol;

import io.muster.broker.log.Quoted;
import io.muster.broker.message.Payload;
import io.muster.broker.metrics.Refusals;
import io.muster.broker.pace.PublishPace;
import io.muster.broker.protocol.decode.AcknowledgementPacket;
import io.muster.broker.protocol.decode.AuthPacket;
import io.muster.broker.protocol.decode.DisconnectPacket;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.decode.PublishPacket;
import io.muster.broker.protocol.decode.SubscribePacket;
import io.muster.broker.protocol.decode.UnsubscribePacket;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.Router;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.spi.ClientObserver;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which packet of a signed-in client goes to which flow, and what becomes of a client that breaks
 * the rules. Shared.
 */
public final class PacketFlows {

    private static final Logger log = LoggerFactory.getLogger(PacketFlows.class);

    private final FieldReader fields;
    private final PublishFlow publish;
    private final SubscribeFlow subscribe;
    private final AcknowledgeFlow acknowledge = new AcknowledgeFlow();
    private final DisconnectFlow disconnect;
    private final Refusals refusals;
    private final int plainBytesMax;

    /**
     * The flows of a broker.
     *
     * @param observer is told of what clients may not publish
     * @param refusals counts the clients that break the rules
     */
    public PacketFlows(
            FieldReader fields,
            Router router,
            RetainedMessages retained,
            ProtocolLimits limits,
            ClientObserver observer,
            Refusals refusals) {
        this.fields = fields;
        this.refusals = refusals;
        this.plainBytesMax = limits.packetBytesMax();
        this.publish = new PublishFlow(router, limits, observer);
        this.subscribe = new SubscribeFlow(retained, limits, refusals);
        this.disconnect = new DisconnectFlow(limits);
    }

    /**
     * Takes in a packet. Called on the client's loop.
     *
     * @param firstByte type and flags
     * @param body what follows the length, and nothing more; not kept
     * @return whether it is done with; if not the client is held, and the packet is to be handed in
     *     again when it may go on
     */
    public boolean receive(Client client, int firstByte, ByteBuf body) {
        try {
            PacketType type = PacketType.of(firstByte);
            type.checkFlags(firstByte, client.protocolLevel());
            if (type == PacketType.PUBLISH) {
                return publish(client, firstByte, body);
            }
            dispatch(client, type, body);
        } catch (ProtocolViolation violation) {
            violated(client, violation);
        }
        return true;
    }

    private boolean publish(Client client, int firstByte, ByteBuf body) {
        long packetBytes = PacketType.lengthOf(body.readableBytes());
        PublishPace pace = client.pace();
        SessionLoop loop = client.channel().loop();
        if ((pace != null || loop.isPressed()) && mustWait(client, pace, loop)) {
            return false;
        }
        PublishPacket sent =
                PublishPacket.read(
                        fields, client.topics().texts(), client.protocolLevel(), firstByte, body);
        PublishPacket packet = plain(client, sent);
        boolean isDone = publish.publish(client, packet);
        if (pace != null && isDone) {
            // What was decompressed counts, not what it came as.
            pace.spend(loop.held(), Math.max(packetBytes, packet.payload().size()));
        }
        return isDone;
    }

    @SuppressWarnings("ReferenceEquality") // A plain payload is the one that came: no copy.
    private PublishPacket plain(Client client, PublishPacket sent) {
        Payload plain = client.output().plain(sent.payload(), plainBytesMax);
        return plain == sent.payload() ? sent : sent.withPayload(plain);
    }

    private static boolean mustWait(Client client, @Nullable PublishPace pace, SessionLoop loop) {
        ClientChannel channel = client.channel();
        if (!channel.canWait()) {
            return false;
        }
        if (loop.isPressed()) {
            loop.hold(channel);
            return true;
        }
        return pace != null && !pace.admits(loop.held(), channel);
    }

    /** Ends the connection of a client that broke the rules [MQTT-4.13.1-1]. */
    public void violated(Client client, ProtocolViolation violation) {
        log.warn(
                "protocol violation client={} reason={} detail={}",
                new Quoted(client.session().clientIdentifier()),
                violation.reason(),
                new Quoted(String.valueOf(violation.getMessage())));
        refusals.violated(violation.reason().name());
        client.output().disconnect(violation.reason(), String.valueOf(violation.getMessage()));
        client.end(ConnectionEnd.PROTOCOL_ERROR);
    }

    private void dispatch(Client client, PacketType type, ByteBuf body) {
        boolean version5 = client.version5();
        switch (type) {
            case PUBACK -> acknowledge.puback(client, acknowledgement(client, type, body));
            case PUBREC -> acknowledge.pubrec(client, acknowledgement(client, type, body));
            case PUBREL -> acknowledge.pubrel(client, acknowledgement(client, type, body));
            case PUBCOMP -> acknowledge.pubcomp(client, acknowledgement(client, type, body));
            case SUBSCRIBE ->
                    subscribe.subscribe(client, SubscribePacket.read(fields, version5, body));
            case UNSUBSCRIBE ->
                    subscribe.unsubscribe(client, UnsubscribePacket.read(fields, version5, body));
            case PINGREQ -> {
                fields.end(body, type);
                client.output().pingresp();
            }
            case DISCONNECT ->
                    disconnect.disconnect(client, DisconnectPacket.read(fields, version5, body));
            case AUTH -> authenticate(client, body);
            case CONNECT ->
                    throw new ProtocolViolation(
                            ReasonCode.PROTOCOL_ERROR, "second CONNECT [MQTT-3.1.0-2]");
            case RESERVED ->
                    throw new ProtocolViolation(
                            ReasonCode.MALFORMED_PACKET, "packet type 0 is reserved [MQTT5 2.1.2]");
            case PUBLISH, CONNACK, SUBACK, UNSUBACK, PINGRESP ->
                    throw new ProtocolViolation(
                            ReasonCode.PROTOCOL_ERROR,
                            type + " is not for clients to send [MQTT5 2.1.2]");
        }
    }

    private AcknowledgementPacket acknowledgement(Client client, PacketType type, ByteBuf body) {
        return AcknowledgementPacket.read(fields, client.version5(), type, body);
    }

    private void authenticate(Client client, ByteBuf body) {
        if (!client.version5()) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET, "packet type 15 is reserved [MQTT3 2.2.1]");
        }
        AuthPacket packet = AuthPacket.read(fields, body);
        Reauthentication reauthentication = client.reauthentication();
        if (reauthentication == null) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "AUTH without an authentication method at CONNECT [MQTT-4.12.0-7]");
        }
        reauthentication.receive(client, packet);
    }
}
