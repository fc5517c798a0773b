package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.expectMalformedIfCut;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.protocol.packet.ReasonCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthPacketTest {

    private static AuthPacket read(String hex) {
        return Reading.of(bytes(hex), in -> AuthPacket.read(FIELDS, in));
    }

    private static ReasonCode refusal(String hex) {
        return violation(bytes(hex), in -> AuthPacket.read(FIELDS, in));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing, '', PROTOCOL_ERROR",
        "reason code alone, 18, PROTOCOL_ERROR",
        "no properties, 18 00, PROTOCOL_ERROR",
        "no method, 18 03 160000, PROTOCOL_ERROR",
        "method twice, 18 08 1500016d 1500016d, PROTOCOL_ERROR",
        "data twice, 18 0a 1500016d 160000 160000, PROTOCOL_ERROR",
        "method that is not UTF-8, 18 04 150001ff, MALFORMED_PACKET",
        "property of another packet, 18 06 1500016d 0101, MALFORMED_PACKET",
        "bytes behind the properties, 18 04 1500016d 00, MALFORMED_PACKET"
    })
    void refuses(String name, String hex, ReasonCode reason) {
        assertThat(refusal(hex)).as(name).isEqualTo(reason);
    }

    @Test
    void isMalformedIfCutWithinItsProperties() {
        expectMalformedIfCut(
                bytes("18 08 1500016d 16000107"), 2, in -> AuthPacket.read(FIELDS, in));
    }

    @Test
    void goesOnOrBeginsAnewAndNothingElse() {
        for (int code = 0; code < 256; code++) {
            String hex = "%02x 04 1500016d".formatted(code);
            if (code == 0x18 || code == 0x19) {
                assertThat(read(hex).reauthenticate()).isEqualTo(code == 0x19);
            } else {
                assertThat(refusal(hex)).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            }
        }
    }

    @Test
    void bringsMethodAndData() {
        AuthPacket packet = read("18 0c 1500016d 1600020102 1f0000");
        assertThat(packet.method()).isEqualTo("m");
        assertThat(packet.data().orElseThrow()).containsExactly(1, 2);
        assertThat(read("18 04 1500016d").data()).isEmpty();
        assertThat(read("18 07 1500016d 160000").data().orElseThrow()).isEmpty();
    }
}
