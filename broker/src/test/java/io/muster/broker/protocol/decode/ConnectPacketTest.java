package io.muster.broker.protocol.decode;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.join;
import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.assertRead;
import static io.muster.broker.protocol.decode.Reading.body;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.expectMalformedIfCut;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.Packets.Connect;
import io.muster.broker.message.Qos;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectPacketTest {

    private static ConnectPacket read(ByteBuf in) {
        return ConnectPacket.read(FIELDS, ConnectPacket.readLevel(FIELDS, in), in);
    }

    private static ConnectPacket read(Connect packet) {
        return Reading.of(body(packet.bytes()), ConnectPacketTest::read);
    }

    private static ReasonCode refusal(byte[] body) {
        return violation(body, ConnectPacketTest::read);
    }

    // ------------------------------------------------------------------ name and level

    @ParameterizedTest
    @CsvSource({"MQTT, 4", "MQTT, 5", "MQIsdp, 3"})
    void speaksThreeVersions(String name, int level) {
        byte[] start = join(Packets.text(name), new byte[] {(byte) level});
        assertRead(start, in -> ConnectPacket.readLevel(FIELDS, in)).isEqualTo(level);
        expectMalformedIfCut(start, 0, in -> ConnectPacket.readLevel(FIELDS, in));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MQTT", "MQIsdp"})
    void eachNameHasItsLevels(String name) {
        for (int level = 0; level < 256; level++) {
            boolean isKnown = name.equals("MQTT") ? level == 4 || level == 5 : level == 3;
            if (!isKnown) {
                byte[] start = join(Packets.text(name), new byte[] {(byte) level});
                assertThat(violation(start, in -> ConnectPacket.readLevel(FIELDS, in)))
                        .as("level %d", level)
                        .isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mqtt", "MQTT ", "MQTTT", "MQT", "MQISDP", "HTTP"})
    void anotherNameIsNoProtocolThatIsSpokenHere(String name) {
        byte[] four = Packets.connect(4, "client").protocol(name, 4).bytes();
        assertThat(refusal(body(four))).isEqualTo(ReasonCode.MALFORMED_PACKET);
        byte[] five = Packets.connect(5, "client").protocol(name, 4).bytes();
        assertThat(refusal(body(five))).isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
    }

    // -------------------------------------------------------------------------- fields

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "reserved flag, 4, 03 0000 000163, MALFORMED_PACKET",
        "reserved flag, 5, 03 0000 00 000163, MALFORMED_PACKET",
        "will QoS 3, 4, 1e 0000 000163 000177 0000, MALFORMED_PACKET",
        "will QoS without a will, 4, 0a 0000 000163, MALFORMED_PACKET",
        "will retain without a will, 4, 22 0000 000163, MALFORMED_PACKET",
        "password without a user name, 4, 42 0000 000163 000170, MALFORMED_PACKET",
        "no property length, 5, 02 0000, MALFORMED_PACKET",
        "properties longer than the packet, 5, 02 0000 09 000163, MALFORMED_PACKET",
        "receive maximum twice, 5, 02 0000 06 210001 210001 000163, PROTOCOL_ERROR",
        "receive maximum 0, 5, 02 0000 03 210000 000163, PROTOCOL_ERROR",
        "property of the will, 5, 02 0000 05 1800000000 000163, MALFORMED_PACKET",
        "property of CONNECT in the will, 5, 06 0000 00 000163 03 210001 000177 0000, MALFORMED_PACKET",
        "client identifier that is not UTF-8, 4, 02 0000 0001ff, MALFORMED_PACKET",
        "client identifier with U+0000, 4, 02 0000 000100, MALFORMED_PACKET",
        "will topic that is not UTF-8, 4, 06 0000 000163 0001ff 0000, MALFORMED_PACKET",
        "will response topic with a wildcard, 5, 06 0000 00 000163 04 0800012b 000177 0000, PROTOCOL_ERROR",
        "user name that is not UTF-8, 4, 82 0000 000163 0001ff, MALFORMED_PACKET",
        "will flag without a will, 4, 06 0000 000163, MALFORMED_PACKET",
        "user name flag without a user name, 4, 82 0000 000163, MALFORMED_PACKET",
        "password flag without a password, 4, c2 0000 000163 000175, MALFORMED_PACKET",
        "user name without its flag, 4, 02 0000 000163 000175, MALFORMED_PACKET",
        "a byte too many, 5, 02 0000 00 000163 00, MALFORMED_PACKET"
    })
    void refuses(String name, int version, String hex, ReasonCode reason) {
        byte[] whole = join(Packets.text("MQTT"), new byte[] {(byte) version}, bytes(hex));
        assertThat(refusal(whole)).as(name).isEqualTo(reason);
    }

    private static Connect full(int level) {
        return connect(level, "client")
                .keepAlive(65_535)
                .with(Packets.u32(Packets.SESSION_EXPIRY, 9))
                .will("w", "bye", Packets.WILL_QOS_2 | Packets.WILL_RETAIN, new byte[0])
                .credentials("user", "secret");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void isMalformedIfCut(int level) {
        expectMalformedIfCut(body(full(level).bytes()), 0, ConnectPacketTest::read);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void readsAllThatItSays(int level) {
        ConnectPacket packet = read(full(level));
        assertThat(packet.protocolLevel()).isEqualTo(level);
        assertThat(packet.isVersion5()).isEqualTo(level == 5);
        assertThat(packet.cleanStart()).isTrue();
        assertThat(packet.keepAliveSeconds()).isEqualTo(65_535);
        assertThat(packet.clientIdentifier()).isEqualTo("client");
        assertThat(packet.username()).contains("user");
        assertThat(packet.password().orElseThrow()).asString().isEqualTo("secret");
        assertThat(packet.properties().has(Property.SESSION_EXPIRY_INTERVAL)).isEqualTo(level == 5);
        WillPart will = packet.will();
        assertThat(will).isNotNull();
        assertThat(will.topic()).isEqualTo("w");
        assertThat(will.payload().bytes()).asString().isEqualTo("bye");
        assertThat(will.qos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(will.retain()).isTrue();
        assertThat(will.delaySeconds()).isZero();
        assertThat(will.expirySeconds()).isEqualTo(-1);
    }

    @Test
    void readsWhatItLeavesOut() {
        ConnectPacket packet = read(connect(5, "").resume());
        assertThat(packet.cleanStart()).isFalse();
        assertThat(packet.clientIdentifier()).isEmpty();
        assertThat(packet.will()).isNull();
        assertThat(packet.username()).isEmpty();
        assertThat(packet.password()).isEmpty();
        assertThat(packet.properties().isEmpty()).isTrue();
    }

    @Test
    void version5HasPasswordsWithoutUserName() {
        ConnectPacket packet = read(connect(5, "c").flags(0x40).payload(Packets.text("p")));
        assertThat(packet.username()).isEmpty();
        assertThat(packet.password()).isPresent();
    }

    @Test
    void aPasswordIsBytes() {
        Connect packet =
                connect(4, "c")
                        .flags(0xC0)
                        .payload(Packets.text("u"), Packets.binary(new byte[] {0, (byte) 0xFF}));
        assertThat(read(packet).password().orElseThrow()).containsExactly(0, 0xFF);
    }
}
