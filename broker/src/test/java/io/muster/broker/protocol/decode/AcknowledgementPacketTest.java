package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.protocol.packet.ReasonCode;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AcknowledgementPacketTest {

    private static AcknowledgementPacket read(PacketType type, boolean isVersion5, String hex) {
        return Reading.of(
                bytes(hex), in -> AcknowledgementPacket.read(FIELDS, isVersion5, type, in));
    }

    private static ReasonCode refusal(PacketType type, boolean isVersion5, String hex) {
        return violation(
                bytes(hex), in -> AcknowledgementPacket.read(FIELDS, isVersion5, type, in));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing, 4, '', MALFORMED_PACKET",
        "half a packet identifier, 4, 00, MALFORMED_PACKET",
        "packet identifier 0, 4, 0000, PROTOCOL_ERROR",
        "reason code before 5.0, 4, 000100, MALFORMED_PACKET",
        "nothing, 5, '', MALFORMED_PACKET",
        "half a packet identifier, 5, 00, MALFORMED_PACKET",
        "packet identifier 0, 5, 0000, PROTOCOL_ERROR",
        "unknown reason code, 5, 0001ff, PROTOCOL_ERROR",
        "properties cut, 5, 000100 05 1f0001, MALFORMED_PACKET",
        "reason string cut, 5, 000100 04 1f000261, MALFORMED_PACKET",
        "reason string twice, 5, 000100 06 1f0000 1f0000, PROTOCOL_ERROR",
        "property of another packet, 5, 000100 02 0101, MALFORMED_PACKET",
        "bytes behind the properties, 5, 000100 00 00, MALFORMED_PACKET",
        "property length padded, 5, 000100 8000, MALFORMED_PACKET"
    })
    void refuses(String name, int version, String hex, ReasonCode reason) {
        for (PacketType type :
                Set.of(
                        PacketType.PUBACK,
                        PacketType.PUBREC,
                        PacketType.PUBREL,
                        PacketType.PUBCOMP)) {
            assertThat(refusal(type, version == 5, hex)).as("%s: %s", type, name).isEqualTo(reason);
        }
    }

    /** Tables 3-5 to 3-8 of the specification, without those that only a server sends. */
    @ParameterizedTest
    @EnumSource(
            value = PacketType.class,
            names = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"})
    void hasTheReasonCodesOfItsTable(PacketType type) {
        boolean isReceipt = type == PacketType.PUBACK || type == PacketType.PUBREC;
        Set<Integer> table =
                isReceipt
                        ? Set.of(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99)
                        : Set.of(0x00, 0x92);
        for (int code = 0; code < 256; code++) {
            String hex = "0001%02x".formatted(code);
            if (table.contains(code)) {
                AcknowledgementPacket packet = read(type, true, hex);
                assertThat(packet).isEqualTo(new AcknowledgementPacket(1, code));
                assertThat(packet.isRefusal()).isEqualTo(code >= 0x80);
            } else {
                assertThat(refusal(type, true, hex)).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            }
        }
    }

    @Test
    void withoutAReasonCodeAllIsWell() {
        AcknowledgementPacket plain = new AcknowledgementPacket(0xFFFE, 0);
        assertThat(read(PacketType.PUBACK, false, "fffe")).isEqualTo(plain);
        assertThat(read(PacketType.PUBACK, true, "fffe")).isEqualTo(plain);
        assertThat(plain.isRefusal()).isFalse();
    }

    @Test
    void takesPropertiesAndNoneAtAll() {
        assertThat(read(PacketType.PUBREC, true, "0001 97 0b 1f000162 26000161000131").reasonCode())
                .isEqualTo(0x97);
        assertThat(read(PacketType.PUBREC, true, "0001 97 00").reasonCode()).isEqualTo(0x97);
    }
}
