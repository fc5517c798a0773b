package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.RetainedMessages;
import io.muster.broker.routing.Router;
import io.muster.broker.session.ConnectionEnd;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttIdentifierRejectedException;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which packet of a signed-in client goes to which flow, and what becomes of a client that breaks
 * the rules. Shared.
 */
public final class PacketFlows {

    private static final Logger log = LoggerFactory.getLogger(PacketFlows.class);

    private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");
    private static final int SENTENCE_MAX = 200;

    private final PublishFlow publish;
    private final SubscribeFlow subscribe;
    private final AcknowledgeFlow acknowledge = new AcknowledgeFlow();
    private final DisconnectFlow disconnect;

    /** The flows of a broker. */
    public PacketFlows(Router router, RetainedMessages retained, ProtocolLimits limits) {
        this.publish = new PublishFlow(router, limits);
        this.subscribe = new SubscribeFlow(retained, limits);
        this.disconnect = new DisconnectFlow(limits);
    }

    /** Takes in a packet and releases it. Called on the client's loop. */
    public void receive(Client client, MqttMessage packet) {
        try {
            if (packet.decoderResult().isFailure()) {
                throw violationOf(packet.decoderResult().cause());
            }
            dispatch(client, packet);
        } catch (ProtocolViolation violation) {
            log.warn(
                    "protocol violation client={} reason={} detail=\"{}\"",
                    client.session().clientIdentifier(),
                    violation.reason(),
                    violation.getMessage());
            client.output().disconnect(violation.reason());
            client.end(ConnectionEnd.PROTOCOL_ERROR);
        } finally {
            ReferenceCountUtil.release(packet);
        }
    }

    private void dispatch(Client client, MqttMessage packet) {
        switch (packet.fixedHeader().messageType()) {
            case PUBLISH -> publish.publish(client, (MqttPublishMessage) packet);
            case PUBACK -> acknowledge.puback(client, packet);
            case PUBREC -> acknowledge.pubrec(client, packet);
            case PUBREL -> acknowledge.pubrel(client, packet);
            case PUBCOMP -> acknowledge.pubcomp(client, packet);
            case SUBSCRIBE -> subscribe.subscribe(client, (MqttSubscribeMessage) packet);
            case UNSUBSCRIBE -> subscribe.unsubscribe(client, (MqttUnsubscribeMessage) packet);
            case PINGREQ -> client.output().pingresp();
            case DISCONNECT -> disconnect.disconnect(client, packet);
            case CONNECT ->
                    throw new ProtocolViolation(
                            ReasonCode.PROTOCOL_ERROR, "second CONNECT [MQTT-3.1.0-2]");
            case AUTH ->
                    throw new ProtocolViolation(
                            ReasonCode.PROTOCOL_ERROR,
                            "AUTH without an authentication method [MQTT-4.12.0-7]");
            case CONNACK, SUBACK, UNSUBACK, PINGRESP ->
                    throw new ProtocolViolation(
                            ReasonCode.PROTOCOL_ERROR,
                            packet.fixedHeader().messageType()
                                    + " is not for clients to send [MQTT5 2.1.2]");
        }
    }

    /** What a packet that could not be decoded is a violation of. */
    public static ProtocolViolation violationOf(Throwable cause) {
        if (cause instanceof TooLongFrameException) {
            return new ProtocolViolation(
                    ReasonCode.PACKET_TOO_LARGE, "packet larger than allowed [MQTT-3.2.2-15]");
        }
        // The decoder's sentences quote what the client sent; one log line must remain one.
        String sentence = CONTROL.matcher(String.valueOf(cause.getMessage())).replaceAll("?");
        return new ProtocolViolation(
                reasonOf(cause), sentence.substring(0, Math.min(sentence.length(), SENTENCE_MAX)));
    }

    private static ReasonCode reasonOf(Throwable cause) {
        if (cause instanceof MqttUnacceptableProtocolVersionException) {
            return ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
        }
        return cause instanceof MqttIdentifierRejectedException
                ? ReasonCode.CLIENT_IDENTIFIER_NOT_VALID
                : ReasonCode.MALFORMED_PACKET;
    }
}
