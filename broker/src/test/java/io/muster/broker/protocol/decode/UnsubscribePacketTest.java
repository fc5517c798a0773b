package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsubscribePacketTest {

    private static Function<ByteBuf, UnsubscribePacket> reader(int version) {
        return in -> UnsubscribePacket.read(FIELDS, version == 5, in);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing, 4, '', MALFORMED_PACKET",
        "half a packet identifier, 4, 00, MALFORMED_PACKET",
        "packet identifier 0, 4, 0000 000174, MALFORMED_PACKET",
        "packet identifier 0, 5, 0000 00 000174, MALFORMED_PACKET",
        "no filter, 4, 0001, PROTOCOL_ERROR",
        "no filter, 5, 0001 00, PROTOCOL_ERROR",
        "no property length, 5, 0001, MALFORMED_PACKET",
        "half a filter length, 4, 0001 00, MALFORMED_PACKET",
        "filter cut, 4, 0001 000274, MALFORMED_PACKET",
        "second filter cut, 4, 0001 000174 0002 75, MALFORMED_PACKET",
        "filter that is not UTF-8, 5, 0001 00 0001ff, MALFORMED_PACKET",
        "subscription identifier, 5, 0001 02 0b01 000174, MALFORMED_PACKET",
        "properties cut, 5, 0001 05 2600, MALFORMED_PACKET"
    })
    void refuses(String name, int version, String hex, ReasonCode reason) {
        assertThat(violation(bytes(hex), reader(version))).as(name).isEqualTo(reason);
    }

    @Test
    void readsItsFiltersInTheirOrder() {
        assertThat(Reading.of(bytes("0007 000162 000161"), reader(4)))
                .isEqualTo(new UnsubscribePacket(7, List.of("b", "a")));
        assertThat(Reading.of(bytes("0007 05 2600000000 000162"), reader(5)))
                .isEqualTo(new UnsubscribePacket(7, List.of("b")));
    }
}
