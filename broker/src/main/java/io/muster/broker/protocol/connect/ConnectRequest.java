package io.muster.broker.protocol.connect;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.ProtocolLimits;
import io.muster.broker.protocol.decode.ConnectPacket;
import io.muster.broker.protocol.decode.Property;
import io.muster.broker.protocol.decode.WillPart;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.Will;
import io.muster.broker.topic.Levels;
import io.muster.broker.topic.TopicName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A CONNECT that keeps the rules, and what the limits make of it. Immutable. */
final class ConnectRequest {

    private static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;
    private static final long NO_END = 0xFFFF_FFFFL;

    private final ConnectPacket packet;
    private final ProtocolLimits limits;

    private ConnectRequest(ConnectPacket packet, ProtocolLimits limits) {
        this.packet = packet;
        this.limits = limits;
    }

    /**
     * Checks a packet.
     *
     * @throws ConnectRefused if it asks for what cannot be given
     * @throws ProtocolViolation if it breaks the protocol
     */
    static ConnectRequest of(ConnectPacket packet, ProtocolLimits limits) {
        ConnectRequest request = new ConnectRequest(packet, limits);
        request.checkClientIdentifier();
        request.checkWill();
        boolean hasData = packet.properties().has(Property.AUTHENTICATION_DATA);
        if (hasData && request.authenticationMethod().isEmpty()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "authentication data without a method [MQTT5 3.1.2.11.10]");
        }
        return request;
    }

    private void checkClientIdentifier() {
        String clientIdentifier = packet.clientIdentifier();
        if (hasControl(clientIdentifier)) {
            throw new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "control character in client identifier [MQTT5 1.5.4]");
        }
        boolean mayBeEmpty =
                packet.isVersion5() || (packet.protocolLevel() == 4 && packet.cleanStart());
        if (clientIdentifier.isEmpty() && !mayBeEmpty) {
            throw new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "empty client identifier without clean session [MQTT3 MQTT-3.1.3-8]");
        }
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private void checkWill() {
        WillPart will = packet.will();
        if (will == null) {
            return;
        }
        if (will.topic().isEmpty()) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR, "will topic is empty [MQTT-4.7.3-1]");
        }
        if (TopicName.hasWildcard(will.topic())) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET, "will topic has a wildcard [MQTT3 MQTT-4.7.1-1]");
        }
        if (Levels.count(will.topic()) > limits.topicLevelsMax()) {
            throw new ConnectRefused(
                    ReasonCode.TOPIC_NAME_INVALID,
                    "will topic has more than %d levels".formatted(limits.topicLevelsMax()));
        }
        if (will.qos().value() > limits.features().maximumQos().value()) {
            throw new ConnectRefused(
                    ReasonCode.QOS_NOT_SUPPORTED, "QoS of the will [MQTT-3.2.2-12]");
        }
        if (will.retain() && !limits.features().retain()) {
            throw new ConnectRefused(
                    ReasonCode.RETAIN_NOT_SUPPORTED, "retained will [MQTT-3.2.2-13]");
        }
        if (limits.checksPayloadFormat() && !will.properties().describe(will.payload())) {
            throw new ConnectRefused(
                    ReasonCode.PAYLOAD_FORMAT_INVALID,
                    "will payload is not UTF-8 [MQTT5 3.1.3.2.3]");
        }
    }

    ConnectPacket packet() {
        return packet;
    }

    boolean isVersion5() {
        return packet.isVersion5();
    }

    /** Whether clients may not publish to this topic, whoever they are. */
    boolean isReserved(String topic) {
        return limits.isReserved(topic);
    }

    /** How long the session outlives the connection, in seconds, within our limit. */
    long sessionExpirySeconds() {
        return Math.min(requestedExpirySeconds(), limits.sessionExpirySecondsMax());
    }

    /**
     * As asked for. Without the property it is 0 [MQTT5 3.1.2.11.2]; before 5.0 a session that is
     * not clean has no end.
     */
    long requestedExpirySeconds() {
        if (!isVersion5()) {
            return packet.cleanStart() ? 0 : NO_END;
        }
        return packet.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0);
    }

    /**
     * The keep alive in force: as asked for, unless the client can be told that it is shorter
     * [MQTT-3.2.2-21].
     */
    int keepAliveSeconds() {
        int asked = packet.keepAliveSeconds();
        int max = limits.keepAliveSecondsMax();
        boolean tooLong = max > 0 && (asked == 0 || asked > max);
        return isVersion5() && tooLong ? max : asked;
    }

    boolean isKeepAliveShortened() {
        return keepAliveSeconds() != packet.keepAliveSeconds();
    }

    /** How many unacknowledged messages the client is sent. */
    int receiveMaximum() {
        long asked = packet.properties().number(Property.RECEIVE_MAXIMUM, RECEIVE_MAXIMUM_DEFAULT);
        return (int) Math.min(asked, limits.inflightMax());
    }

    /** How many topic aliases the client takes. */
    int topicAliasMaximum() {
        return (int) packet.properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0);
    }

    /** Whether CONNACK may hold response information [MQTT-3.1.2-28]. */
    boolean wantsResponseInformation() {
        return packet.properties().number(Property.REQUEST_RESPONSE_INFORMATION, 0) == 1;
    }

    /** The method of enhanced authentication, if the client asks for it. */
    Optional<String> authenticationMethod() {
        return Optional.ofNullable(packet.properties().text(Property.AUTHENTICATION_METHOD));
    }

    /** The first data of enhanced authentication, if there is some. */
    Optional<byte[]> authenticationData() {
        return Optional.ofNullable(packet.properties().binary(Property.AUTHENTICATION_DATA));
    }

    /** Whether there is a user name, a password or an enhanced authentication. */
    boolean presentsCredentials() {
        return packet.username().isPresent()
                || packet.password().isPresent()
                || authenticationMethod().isPresent();
    }

    /** The will, published by {@code publisher}; null without one. */
    @Nullable Will will(String publisher) {
        WillPart will = packet.will();
        if (will == null) {
            return null;
        }
        Payload payload = will.payload();
        Message message =
                new Message(
                        will.topic(),
                        payload,
                        will.qos(),
                        will.retain(),
                        publisher,
                        Message.NEVER,
                        will.properties());
        return new Will(message, will.delaySeconds(), will.expirySeconds());
    }
}
