package io.muster.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.Will;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectPayload;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageBuilders.ConnectBuilder;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectPacketTest {

    private static final ProtocolLimits LIMITS = new ProtocolLimits(1_000, 60, 5, 3_600, 20, 2);

    private static ConnectBuilder connect(boolean isVersion5) {
        return MqttMessageBuilders.connect()
                .protocolVersion(isVersion5 ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1)
                .clientId("c")
                .cleanSession(true);
    }

    private static MqttProperties number(int id, int value) {
        MqttProperties properties = new MqttProperties();
        properties.add(new IntegerProperty(id, value));
        return properties;
    }

    private static ConnectPacket read(ConnectBuilder packet) {
        return ConnectPacket.read(packet.build(), LIMITS);
    }

    private static ReasonCode refusal(MqttConnectMessage packet) {
        return catchThrowableOfType(ConnectRefused.class, () -> ConnectPacket.read(packet, LIMITS))
                .reason();
    }

    private static ReasonCode violation(MqttConnectMessage packet) {
        return catchThrowableOfType(
                        ProtocolViolation.class, () -> ConnectPacket.read(packet, LIMITS))
                .reason();
    }

    /** With flags that no builder makes. */
    private static MqttConnectMessage withWillFlags(boolean isWill, int qos, boolean isRetain) {
        return new MqttConnectMessage(
                new MqttFixedHeader(MqttMessageType.CONNECT, false, MqttQoS.AT_MOST_ONCE, false, 0),
                new MqttConnectVariableHeader(
                        "MQTT", 5, false, false, isRetain, qos, isWill, true, 0),
                new MqttConnectPayload("c", "will", new byte[0], null, (byte[]) null));
    }

    @ParameterizedTest
    @CsvSource({
        "false, true, 0, 0",
        "false, false, 0, 3600",
        "true, false, 0, 0",
        "true, true, 30, 30",
        "true, true, 3601, 3600",
        "true, true, -1, 3600"
    })
    void theSessionLastsAsAskedForWithinTheLimit(
            boolean isVersion5, boolean cleanStart, int asked, long expected) {
        ConnectPacket packet =
                read(
                        connect(isVersion5)
                                .cleanSession(cleanStart)
                                .properties(number(MqttProperties.SESSION_EXPIRY_INTERVAL, asked)));
        assertThat(packet.sessionExpirySeconds()).isEqualTo(expected);
        assertThat(packet.cleanStart()).isEqualTo(cleanStart);
    }

    @Test
    void withoutTheExpiryPropertyTheSessionEndsWithItsConnection() {
        assertThat(read(connect(true).cleanSession(false)).sessionExpirySeconds()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "true, 30, 30, false",
        "true, 61, 60, true",
        "true, 0, 60, true",
        "false, 61, 61, false",
        "false, 0, 0, false"
    })
    void onlyWhoCanBeToldGetsAShorterKeepAlive(
            boolean isVersion5, int asked, int expected, boolean isShortened) {
        ConnectPacket packet = read(connect(isVersion5).keepAlive(asked));
        assertThat(packet.keepAliveSeconds()).isEqualTo(expected);
        assertThat(packet.isKeepAliveShortened()).isEqualTo(isShortened);
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "20, 20", "21, 20", "65535, 20"})
    void theReceiveMaximumIsKeptWithinTheLimit(int asked, int expected) {
        assertThat(
                        read(connect(true)
                                        .properties(number(MqttProperties.RECEIVE_MAXIMUM, asked)))
                                .receiveMaximum())
                .isEqualTo(expected);
    }

    @Test
    void withoutPropertiesTheDefaultsHold() {
        ConnectPacket packet = read(connect(true));
        assertThat(packet.receiveMaximum()).isEqualTo(20);
        assertThat(packet.packetBytesMax()).isEqualTo(Integer.MAX_VALUE);
        assertThat(packet.username()).isEmpty();
        assertThat(packet.password()).isEmpty();
        assertThat(packet.willTopic()).isEmpty();
        assertThat(packet.will("c")).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {MqttProperties.RECEIVE_MAXIMUM, MqttProperties.MAXIMUM_PACKET_SIZE})
    void zeroIsNoMaximum(int id) {
        assertThat(violation(connect(true).properties(number(id, 0)).build()))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void aMaximumPacketSizeBeyondAllIntegersIsNone() {
        assertThat(
                        read(connect(true)
                                        .properties(number(MqttProperties.MAXIMUM_PACKET_SIZE, -1)))
                                .packetBytesMax())
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void anEmptyClientIdentifierNeedsACleanSessionBeforeVersion5() {
        assertThat(refusal(connect(false).clientId("").cleanSession(false).build()))
                .isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        assertThat(read(connect(false).clientId("")).clientIdentifier()).isEmpty();
        assertThat(read(connect(true).clientId("").cleanSession(false)).clientIdentifier())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\u0000", "a\u007f", "\u0085"})
    void aClientIdentifierHasNoControlCharacters(String clientIdentifier) {
        assertThat(refusal(connect(true).clientId(clientIdentifier).build()))
                .isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
    }

    @Test
    void enhancedAuthenticationIsNotOffered() {
        MqttProperties properties = new MqttProperties();
        properties.add(new StringProperty(MqttProperties.AUTHENTICATION_METHOD, "x"));
        assertThat(refusal(connect(true).properties(properties).build()))
                .isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
    }

    // --------------------------------------------------------------------------- will

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#", "+", "a/b/c/d/e/f"})
    void theTopicOfAWillMustBeValid(String topic) {
        MqttConnectMessage packet =
                connect(true).willFlag(true).willTopic(topic).willMessage(new byte[0]).build();
        assertThat(refusal(packet)).isEqualTo(ReasonCode.TOPIC_NAME_INVALID);
    }

    @Test
    void theFlagsOfAWillMustFit() {
        assertThat(violation(withWillFlags(true, 3, false))).isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(violation(withWillFlags(false, 1, false)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(violation(withWillFlags(false, 0, true))).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void thePropertiesOfAWillMustFit() {
        MqttConnectMessage packet =
                connect(true)
                        .willFlag(true)
                        .willTopic("w")
                        .willMessage(new byte[0])
                        .willProperties(number(MqttProperties.PAYLOAD_FORMAT_INDICATOR, 2))
                        .build();
        assertThat(violation(packet)).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void readsAWill() {
        MqttProperties properties = number(MqttProperties.WILL_DELAY_INTERVAL, -1);
        properties.add(new IntegerProperty(MqttProperties.PUBLICATION_EXPIRY_INTERVAL, 7));
        ConnectPacket packet =
                read(
                        connect(true)
                                .willFlag(true)
                                .willTopic("w")
                                .willMessage(new byte[] {1, 2})
                                .willQoS(MqttQoS.EXACTLY_ONCE)
                                .willRetain(true)
                                .willProperties(properties));
        Will will = packet.will("publisher");
        assertThat(will).isNotNull();
        assertThat(will.delaySeconds()).isEqualTo(0xFFFF_FFFFL);
        Message message = will.message();
        assertThat(message.topic()).isEqualTo("w");
        assertThat(message.payload().bytes()).containsExactly(1, 2);
        assertThat(message.qos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(message.retain()).isTrue();
        assertThat(message.publisher()).isEqualTo("publisher");
        assertThat(will.expirySeconds()).isEqualTo(7);
    }

    @Test
    void aWillWithoutPropertiesComesAtOnceAndNeverExpires() {
        Will will =
                read(connect(false).willFlag(true).willTopic("w").willMessage(new byte[0]))
                        .will("p");
        assertThat(will).isNotNull();
        assertThat(will.delaySeconds()).isZero();
        assertThat(will.expirySeconds()).isEqualTo(-1);
    }
}
