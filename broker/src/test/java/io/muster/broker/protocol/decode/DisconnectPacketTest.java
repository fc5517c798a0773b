package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.protocol.packet.ReasonCode;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisconnectPacketTest {

    /** Table 3-10 of the specification, without what only a server sends. */
    private static final Set<Integer> REASONS =
            Set.of(
                    0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
                    0x99);

    private static DisconnectPacket read(boolean isVersion5, String hex) {
        return Reading.of(bytes(hex), in -> DisconnectPacket.read(FIELDS, isVersion5, in));
    }

    private static ReasonCode refusal(boolean isVersion5, String hex) {
        return violation(bytes(hex), in -> DisconnectPacket.read(FIELDS, isVersion5, in));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "anything before 5.0, 4, 00, MALFORMED_PACKET",
        "reason code of a server, 5, 8e, PROTOCOL_ERROR",
        "properties cut, 5, 00 05 11000000, MALFORMED_PACKET",
        "session expiry cut, 5, 00 04 11000000, MALFORMED_PACKET",
        "session expiry twice, 5, 00 0a 1100000000 1100000000, PROTOCOL_ERROR",
        "property of another packet, 5, 00 03 230001, MALFORMED_PACKET",
        "bytes behind the properties, 5, 00 00 00, MALFORMED_PACKET",
        "property length of five bytes, 5, 00 8080808001, MALFORMED_PACKET"
    })
    void refuses(String name, int version, String hex, ReasonCode reason) {
        assertThat(refusal(version == 5, hex)).as(name).isEqualTo(reason);
    }

    @Test
    void hasTheReasonCodesOfItsTable() {
        for (int code = 0; code < 256; code++) {
            String hex = "%02x".formatted(code);
            if (REASONS.contains(code)) {
                assertThat(read(true, hex).reasonCode()).isEqualTo(code);
                assertThat(read(true, hex).isNormal()).isEqualTo(code == 0);
            } else {
                assertThat(refusal(true, hex)).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            }
        }
    }

    @Test
    void withoutAReasonCodeItIsNormal() {
        assertThat(read(false, "").isNormal()).isTrue();
        assertThat(read(true, "").isNormal()).isTrue();
        assertThat(read(true, "").sessionExpirySeconds()).isEmpty();
    }

    @Test
    void mayChangeTheSessionExpiry() {
        assertThat(read(true, "04 05 11ffffffff").sessionExpirySeconds()).hasValue(0xFFFF_FFFFL);
        assertThat(read(true, "00 05 1100000000").sessionExpirySeconds()).hasValue(0);
        assertThat(read(true, "00 00").sessionExpirySeconds()).isEmpty();
    }
}
