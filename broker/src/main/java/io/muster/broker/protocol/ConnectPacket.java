package io.muster.broker.protocol;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.Properties;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.routing.TopicName;
import io.muster.broker.session.Will;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A CONNECT packet that keeps the rules of section 3.1: read once, trusted afterwards. */
final class ConnectPacket {

    private static final int RECEIVE_MAXIMUM_DEFAULT = 65_535;

    private final MqttConnectVariableHeader header;
    private final MqttConnectPayload payload;
    private final ProtocolLimits limits;
    private final boolean version5;
    private final int receiveMaximum;
    private final int packetBytesMax;
    private final PublishProperties willProperties;

    private ConnectPacket(MqttConnectMessage packet, ProtocolLimits limits) {
        this.header = packet.variableHeader();
        this.payload = packet.payload();
        this.limits = limits;
        this.version5 = header.version() == MqttVersion.MQTT_5.protocolLevel();
        MqttProperties properties = header.properties();
        this.receiveMaximum =
                Properties.positive(
                        properties,
                        MqttProperties.RECEIVE_MAXIMUM,
                        RECEIVE_MAXIMUM_DEFAULT,
                        "receive maximum");
        this.packetBytesMax =
                Properties.positive(
                        properties,
                        MqttProperties.MAXIMUM_PACKET_SIZE,
                        Integer.MAX_VALUE,
                        "maximum packet size");
        this.willProperties =
                header.isWillFlag()
                        ? Properties.ofPublish(payload.willProperties())
                        : PublishProperties.NONE;
    }

    private @Nullable String willViolation() {
        if (!header.isWillFlag()) {
            return null;
        }
        // The decoder leaves out a topic that is longer than it takes.
        String topic = payload.willTopic();
        return topic == null ? "too long" : TopicName.violation(topic, limits.topicLevelsMax());
    }

    /**
     * Reads and checks a packet.
     *
     * @throws ConnectRefused if it breaks a rule that is answered with a CONNACK
     * @throws ProtocolViolation if it breaks one that is not
     */
    static ConnectPacket read(MqttConnectMessage packet, ProtocolLimits limits) {
        checkFlags(packet.variableHeader());
        ConnectPacket connect = new ConnectPacket(packet, limits);
        if (connect.clientIdentifier().chars().anyMatch(Character::isISOControl)) {
            throw new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "control character in client identifier [MQTT5 1.5.4]");
        }
        if (connect.isUnnameable()) {
            throw new ConnectRefused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "empty client identifier without clean session [MQTT-3.1.3-8]");
        }
        String willViolation = connect.willViolation();
        if (willViolation != null) {
            throw new ConnectRefused(ReasonCode.TOPIC_NAME_INVALID, "will topic: " + willViolation);
        }
        MqttProperties properties = connect.header.properties();
        if (Properties.has(properties, MqttProperties.AUTHENTICATION_METHOD)) {
            throw new ConnectRefused(
                    ReasonCode.BAD_AUTHENTICATION_METHOD,
                    "enhanced authentication is not offered [MQTT-4.12.0-1]");
        }
        if (Properties.has(properties, MqttProperties.AUTHENTICATION_DATA)) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "authentication data without a method [MQTT5 3.1.2.11.10]");
        }
        return connect;
    }

    private static void checkFlags(MqttConnectVariableHeader header) {
        if (header.willQos() > Qos.EXACTLY_ONCE.value()) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET, "will QoS must not be 3 [MQTT-3.1.2-12]");
        }
        if (!header.isWillFlag() && (header.willQos() != 0 || header.isWillRetain())) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "will QoS or will retain without a will [MQTT-3.1.2-11, MQTT-3.1.2-13]");
        }
        boolean isBefore5 = header.version() < MqttVersion.MQTT_5.protocolLevel();
        if (isBefore5 && header.hasPassword() && !header.hasUserName()) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "password without user name [MQTT3 MQTT-3.1.2-22]");
        }
    }

    private boolean isUnnameable() {
        return !version5 && payload.clientIdentifier().isEmpty() && !header.isCleanSession();
    }

    boolean version5() {
        return version5;
    }

    int protocolLevel() {
        return header.version();
    }

    String clientIdentifier() {
        return payload.clientIdentifier();
    }

    Optional<String> username() {
        return Optional.ofNullable(payload.userName());
    }

    Optional<byte[]> password() {
        return Optional.ofNullable(payload.passwordInBytes());
    }

    boolean cleanStart() {
        return header.isCleanSession();
    }

    /** How long the session outlives the connection, in seconds, within our limit. */
    long sessionExpirySeconds() {
        return Math.min(requestedExpirySeconds(), limits.sessionExpirySecondsMax());
    }

    /**
     * As asked for. Without the property it is 0 [MQTT-3.1.2-11.2]; before 5.0 a session that is
     * not clean has no end.
     */
    long requestedExpirySeconds() {
        if (!version5) {
            return header.isCleanSession() ? 0 : Long.MAX_VALUE;
        }
        return Properties.unsigned(header.properties(), MqttProperties.SESSION_EXPIRY_INTERVAL, 0);
    }

    /**
     * The keep alive in force: as asked for, unless the client can be told that it is shorter
     * [MQTT-3.2.2-21].
     */
    int keepAliveSeconds() {
        int asked = header.keepAliveTimeSeconds();
        int max = limits.keepAliveSecondsMax();
        boolean tooLong = max > 0 && (asked == 0 || asked > max);
        return version5 && tooLong ? max : asked;
    }

    boolean isKeepAliveShortened() {
        return keepAliveSeconds() != header.keepAliveTimeSeconds();
    }

    /** How many unacknowledged messages the client is sent. */
    int receiveMaximum() {
        return Math.min(receiveMaximum, limits.inflightMax());
    }

    /** Largest packet that the client takes, in bytes. */
    int packetBytesMax() {
        return packetBytesMax;
    }

    /** The will, published by {@code publisher}; null without one. */
    @Nullable Will will(String publisher) {
        if (!header.isWillFlag()) {
            return null;
        }
        MqttProperties properties = payload.willProperties();
        Message message =
                new Message(
                        payload.willTopic(),
                        Payload.of(payload.willMessageInBytes()),
                        Qos.of(header.willQos()),
                        header.isWillRetain(),
                        publisher,
                        Message.NEVER,
                        willProperties);
        return new Will(
                message,
                Properties.unsigned(properties, MqttProperties.WILL_DELAY_INTERVAL, 0),
                Properties.unsigned(properties, MqttProperties.PUBLICATION_EXPIRY_INTERVAL, -1));
    }

    Optional<String> willTopic() {
        return header.isWillFlag() ? Optional.of(payload.willTopic()) : Optional.empty();
    }
}
