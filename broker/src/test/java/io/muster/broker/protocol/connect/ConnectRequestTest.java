package io.muster.broker.protocol.connect;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.u32;
import static io.muster.broker.Packets.u8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.broker.Packets;
import io.muster.broker.Packets.Connect;
import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.ConnectRefused;
import io.muster.broker.protocol.ProtocolLimits;
import io.muster.broker.protocol.decode.ConnectPacket;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.packet.Capabilities;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.muster.broker.session.Will;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectRequestTest {

    static final ProtocolLimits LIMITS =
            new ProtocolLimits(
                    new Capabilities(20, 1_000, 10, Features.ALL),
                    60,
                    5,
                    3_600,
                    2,
                    true,
                    true,
                    false);

    /** Reads a packet whose length is of one byte. */
    static ConnectPacket read(Connect packet) {
        byte[] bytes = packet.bytes();
        ByteBuf body = Unpooled.wrappedBuffer(bytes, 2, bytes.length - 2);
        FieldReader fields = new FieldReader(false);
        return ConnectPacket.read(fields, ConnectPacket.readLevel(fields, body), body);
    }

    private static ConnectRequest request(Connect packet) {
        return ConnectRequest.of(read(packet), LIMITS);
    }

    private static Connect version5() {
        return connect(5, "c");
    }

    private static Connect version(boolean is5, String clientIdentifier) {
        return connect(is5 ? 5 : 4, clientIdentifier);
    }

    private static ReasonCode refusal(Connect packet) {
        return catchThrowableOfType(ConnectRefused.class, () -> request(packet)).reason();
    }

    private static ReasonCode violation(Connect packet) {
        return catchThrowableOfType(ProtocolViolation.class, () -> request(packet)).reason();
    }

    private static Connect clean(Connect packet, boolean cleanStart) {
        return cleanStart ? packet : packet.resume();
    }

    // ------------------------------------------------------------------------ session

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 3600"})
    void beforeVersion5ASessionThatIsNotCleanLastsAsLongAsTheLimit(
            boolean cleanStart, long expected) {
        ConnectRequest request = request(clean(connect(4, "c"), cleanStart));
        assertThat(request.sessionExpirySeconds()).isEqualTo(expected);
        assertThat(request.packet().cleanStart()).isEqualTo(cleanStart);
    }

    @ParameterizedTest
    @CsvSource({"false, 0, 0", "true, 30, 30", "true, 3601, 3600", "true, 4294967295, 3600"})
    void theSessionLastsAsAskedForWithinTheLimit(boolean cleanStart, long asked, long expected) {
        ConnectRequest request = request(clean(version5(), cleanStart).expiry(asked));
        assertThat(request.sessionExpirySeconds()).isEqualTo(expected);
        assertThat(request.requestedExpirySeconds()).isEqualTo(asked);
        assertThat(request.packet().cleanStart()).isEqualTo(cleanStart);
    }

    @Test
    void withoutTheExpiryPropertyTheSessionEndsWithItsConnection() {
        assertThat(request(version5().resume()).sessionExpirySeconds()).isZero();
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
        ConnectRequest request = request(version(isVersion5, "c").keepAlive(asked));
        assertThat(request.keepAliveSeconds()).isEqualTo(expected);
        assertThat(request.isKeepAliveShortened()).isEqualTo(isShortened);
    }

    // --------------------------------------------------------------------- properties

    @ParameterizedTest
    @CsvSource({"5, 5", "20, 20", "21, 20", "65535, 20"})
    void theReceiveMaximumIsKeptWithinTheLimit(int asked, int expected) {
        Connect packet = version5().with(u16(Packets.RECEIVE_MAXIMUM, asked));
        assertThat(request(packet).receiveMaximum()).isEqualTo(expected);
    }

    @Test
    void withoutPropertiesTheDefaultsHold() {
        ConnectRequest request = request(version5());
        assertThat(request.receiveMaximum()).isEqualTo(20);
        assertThat(request.packet().packetBytesMax()).isEqualTo(Integer.MAX_VALUE);
        assertThat(request.topicAliasMaximum()).isZero();
        assertThat(request.packet().wantsProblemInformation()).isTrue();
        assertThat(request.wantsResponseInformation()).isFalse();
        assertThat(request.authenticationMethod()).isEmpty();
        assertThat(request.packet().username()).isEmpty();
        assertThat(request.packet().password()).isEmpty();
        assertThat(request.will("c")).isNull();
    }

    @Test
    void propertiesSayWhatTheClientTakes() {
        ConnectRequest request =
                request(
                        version5()
                                .with(u32(Packets.MAXIMUM_PACKET_SIZE, 77))
                                .with(u16(Packets.TOPIC_ALIAS_MAXIMUM, 65_535))
                                .with(u8(Packets.REQUEST_PROBLEM_INFORMATION, 0))
                                .with(u8(Packets.REQUEST_RESPONSE_INFORMATION, 1)));
        assertThat(request.packet().packetBytesMax()).isEqualTo(77);
        assertThat(request.topicAliasMaximum()).isEqualTo(65_535);
        assertThat(request.packet().wantsProblemInformation()).isFalse();
        assertThat(request.wantsResponseInformation()).isTrue();
    }

    @Test
    void zeroIsNoMaximum() {
        assertThat(violation(version5().with(u16(Packets.RECEIVE_MAXIMUM, 0))))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
        assertThat(violation(version5().with(u32(Packets.MAXIMUM_PACKET_SIZE, 0))))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void aMaximumPacketSizeBeyondAllIntegersIsNone() {
        Connect packet = version5().with(u32(Packets.MAXIMUM_PACKET_SIZE, 0xFFFF_FFFFL));
        assertThat(request(packet).packet().packetBytesMax()).isEqualTo(Integer.MAX_VALUE);
    }

    // --------------------------------------------------------------- who it says it is

    @Test
    void anEmptyClientIdentifierNeedsACleanSessionBeforeVersion5() {
        assertThat(refusal(connect(4, "").resume()))
                .isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        assertThat(request(connect(4, "")).packet().clientIdentifier()).isEmpty();
        assertThat(request(connect(5, "").resume()).packet().clientIdentifier()).isEmpty();
    }

    @Test
    void mqtt31HasNoEmptyClientIdentifier() {
        assertThat(refusal(connect(3, ""))).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\u007f", "\u0085"})
    void aClientIdentifierHasNoControlCharacters(String clientIdentifier) {
        assertThat(refusal(connect(5, clientIdentifier)))
                .isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
    }

    @Test
    void aClientIdentifierWithTheNullCharacterIsNoTextAtAll() {
        assertThat(violation(connect(5, "\u0000"))).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void enhancedAuthenticationNamesItsMethod() {
        byte[] method = Packets.text(Packets.AUTHENTICATION_METHOD, "x");
        byte[] data = Packets.binary(Packets.AUTHENTICATION_DATA, new byte[] {7});
        ConnectRequest request = request(version5().with(join(method, data)));
        assertThat(request.authenticationMethod()).contains("x");
        assertThat(request.authenticationData().orElseThrow()).containsExactly(7);
        assertThat(request(version5().with(method)).authenticationData()).isEmpty();
        assertThat(violation(version5().with(data))).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    // --------------------------------------------------------------------------- will

    private static Connect withWill(String topic, String payload, byte[]... properties) {
        return version5().will(topic, payload, 0, join(properties));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/#", "+"})
    void theTopicOfAWillMustBeATopicName(String topic) {
        assertThat(violation(withWill(topic, ""))).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void theTopicOfAWillIsNotEmpty() {
        assertThat(violation(withWill("", ""))).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void theTopicOfAWillHasNoMoreLevelsThanAllowed() {
        assertThat(request(withWill("a/b/c/d/e", "")).will("c")).isNotNull();
        assertThat(refusal(withWill("a/b/c/d/e/f", ""))).isEqualTo(ReasonCode.TOPIC_NAME_INVALID);
    }

    @Test
    void theFlagsOfAWillMustFit() {
        assertThat(violation(version5().will("w", "", 0x18, Packets.NO_PROPERTIES)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(violation(version5().flags(Packets.WILL_QOS_1)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(violation(version5().flags(Packets.WILL_RETAIN)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void thePropertiesOfAWillMustFit() {
        assertThat(violation(withWill("w", "", u8(Packets.PAYLOAD_FORMAT, 2))))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
        assertThat(violation(withWill("w", "", Packets.text(Packets.RESPONSE_TOPIC, "a/+"))))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void thePayloadOfAWillMustBeTheTextThatItIsSaidToBe() {
        Connect packet =
                version5()
                        .flags(0x04)
                        .payload(
                                Packets.properties(u8(Packets.PAYLOAD_FORMAT, 1)),
                                Packets.text("w"),
                                Packets.binary("\u00E9".getBytes(ISO_8859_1)));
        assertThat(refusal(packet)).isEqualTo(ReasonCode.PAYLOAD_FORMAT_INVALID);
        assertThat(request(withWill("w", "\u00E9", u8(Packets.PAYLOAD_FORMAT, 1))).will("p"))
                .isNotNull();
    }

    @Test
    void readsAWill() {
        byte[] properties =
                join(
                        u32(Packets.WILL_DELAY, 0xFFFF_FFFFL),
                        u32(Packets.MESSAGE_EXPIRY, 7),
                        Packets.userProperty("k", "v"));
        int flags = Packets.WILL_QOS_2 | Packets.WILL_RETAIN;
        Will will = request(version5().will("w", "hi", flags, properties)).will("publisher");
        assertThat(will).isNotNull();
        assertThat(will.delaySeconds()).isEqualTo(0xFFFF_FFFFL);
        assertThat(will.expirySeconds()).isEqualTo(7);
        Message message = will.message();
        assertThat(message.topic()).isEqualTo("w");
        assertThat(message.payload().bytes()).containsExactly('h', 'i');
        assertThat(message.qos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(message.retain()).isTrue();
        assertThat(message.publisher()).isEqualTo("publisher");
        assertThat(message.properties().userProperties()).hasSize(1);
    }

    @Test
    void aWillWithoutPropertiesComesAtOnceAndNeverExpires() {
        Will will = request(connect(4, "c").will("w", "", 0, Packets.NO_PROPERTIES)).will("p");
        assertThat(will).isNotNull();
        assertThat(will.delaySeconds()).isZero();
        assertThat(will.expirySeconds()).isEqualTo(-1);
    }
}
