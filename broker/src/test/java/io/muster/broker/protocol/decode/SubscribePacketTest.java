package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.protocol.decode.SubscribePacket.RetainHandling;
import io.muster.broker.protocol.decode.SubscribePacket.SubscriptionRequest;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscribePacketTest {

    /** By their values on the wire. */
    private static final List<RetainHandling> HANDLINGS =
            List.of(RetainHandling.ALWAYS, RetainHandling.IF_NEW, RetainHandling.NEVER);

    private static Function<ByteBuf, SubscribePacket> reader(int version) {
        return in -> SubscribePacket.read(FIELDS, version == 5, in);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "nothing, 4, '', MALFORMED_PACKET",
        "half a packet identifier, 4, 00, MALFORMED_PACKET",
        "packet identifier 0, 4, 0000 000174 00, MALFORMED_PACKET",
        "packet identifier 0, 5, 0000 00 000174 00, MALFORMED_PACKET",
        "no filter, 4, 0001, PROTOCOL_ERROR",
        "no filter, 5, 0001 00, PROTOCOL_ERROR",
        "no property length, 5, 0001, MALFORMED_PACKET",
        "filter cut, 4, 0001 000274, MALFORMED_PACKET",
        "filter that is not UTF-8, 4, 0001 0001ff 00, MALFORMED_PACKET",
        "no options, 4, 0001 000174, MALFORMED_PACKET",
        "second filter without options, 4, 0001 000174 00 000175, MALFORMED_PACKET",
        "QoS 3, 4, 0001 000174 03, MALFORMED_PACKET",
        "QoS 3, 5, 0001 00 000174 03, PROTOCOL_ERROR",
        "retain handling 3, 5, 0001 00 000174 30, PROTOCOL_ERROR",
        "reserved bit 6, 5, 0001 00 000174 40, MALFORMED_PACKET",
        "reserved bit 7, 5, 0001 00 000174 80, MALFORMED_PACKET",
        "no local before 5.0, 4, 0001 000174 04, MALFORMED_PACKET",
        "retain as published before 5.0, 4, 0001 000174 08, MALFORMED_PACKET",
        "retain handling before 5.0, 4, 0001 000174 10, MALFORMED_PACKET",
        "subscription identifier 0, 5, 0001 02 0b00 000174 00, PROTOCOL_ERROR",
        "subscription identifier twice, 5, 0001 04 0b01 0b02 000174 00, PROTOCOL_ERROR",
        "property of another packet, 5, 0001 02 0101 000174 00, MALFORMED_PACKET"
    })
    void refuses(String name, int version, String hex, ReasonCode reason) {
        assertThat(violation(bytes(hex), reader(version))).as(name).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void takesOnlyTheOptionsThatThereAre(int version) {
        for (int options = 0; options < 256; options++) {
            int qos = options & 3;
            boolean isRight =
                    qos < 3
                            && (version == 5
                                    ? (options & 0xC0) == 0 && (options & 0x30) != 0x30
                                    : (options & 0xFC) == 0);
            byte[] body =
                    bytes("0001" + (version == 5 ? "00" : "") + "000174%02x".formatted(options));
            if (isRight) {
                assertThat(Reading.of(body, reader(version)).requests())
                        .containsExactly(
                                new SubscriptionRequest(
                                        "t",
                                        Qos.of(qos),
                                        (options & 4) != 0,
                                        (options & 8) != 0,
                                        HANDLINGS.get(options >> 4)));
            } else {
                assertThat(violation(body, reader(version))).isNotNull();
            }
        }
    }

    @Test
    void readsItsFiltersInTheirOrder() {
        SubscribePacket packet =
                Reading.of(bytes("0007 05 0bffffff7f 000162 01 0001 61 02 000162 00"), reader(5));
        assertThat(packet.packetId()).isEqualTo(7);
        assertThat(packet.subscriptionIdentifier()).isEqualTo(268_435_455);
        assertThat(packet.requests())
                .extracting(SubscriptionRequest::filter)
                .containsExactly("b", "a", "b");
        assertThat(packet.requests())
                .extracting(request -> request.qos().value())
                .containsExactly(1, 2, 0);
    }

    @Test
    void withoutASubscriptionIdentifierItIsZero() {
        assertThat(Reading.of(bytes("0007 00 000162 01"), reader(5)).subscriptionIdentifier())
                .isZero();
        assertThat(Reading.of(bytes("0007 000162 01"), reader(4)).subscriptionIdentifier())
                .isZero();
    }
}
