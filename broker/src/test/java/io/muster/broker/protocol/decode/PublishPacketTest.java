package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.UserProperty;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishPacketTest {

    private static Function<ByteBuf, PublishPacket> reader(int version, int flags) {
        return in -> PublishPacket.read(FIELDS, new TopicTexts(), version, 0x30 | flags, in);
    }

    private static PublishPacket read(int version, int flags, String hex) {
        return Reading.of(bytes(hex), reader(version, flags));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "QoS 3, 4, 6, 0001740001, MALFORMED_PACKET",
        "QoS 3 with DUP, 5, 14, 000174000100, MALFORMED_PACKET",
        "DUP with QoS 0, 4, 8, 000174, MALFORMED_PACKET",
        "DUP with QoS 0, 5, 8, 00017400, MALFORMED_PACKET",
        "nothing, 4, 0, '', MALFORMED_PACKET",
        "half a topic length, 4, 0, 00, MALFORMED_PACKET",
        "topic cut, 4, 0, 000274, MALFORMED_PACKET",
        "topic that is not UTF-8, 4, 0, 0001ff, MALFORMED_PACKET",
        "topic with a surrogate, 5, 0, 0003eda080 00, MALFORMED_PACKET",
        "topic with U+0000, 5, 0, 000100 00, MALFORMED_PACKET",
        "no packet identifier, 4, 2, 000174, MALFORMED_PACKET",
        "half a packet identifier, 4, 2, 00017400, MALFORMED_PACKET",
        "packet identifier 0 with QoS 1, 4, 2, 0001740000, PROTOCOL_ERROR",
        "packet identifier 0 with QoS 2, 5, 4, 000174000000, PROTOCOL_ERROR",
        "no property length, 5, 0, 000174, MALFORMED_PACKET",
        "no property length with QoS 1, 5, 2, 0001740001, MALFORMED_PACKET",
        "property length cut, 5, 0, 00017480, MALFORMED_PACKET",
        "properties longer than the packet, 5, 0, 0001740423 0001, MALFORMED_PACKET",
        "topic alias twice, 5, 0, 00017406 230001 230001, PROTOCOL_ERROR",
        "property of another packet, 5, 0, 00017403 210001, MALFORMED_PACKET",
        "payload format indicator 2, 5, 0, 00017402 0102, PROTOCOL_ERROR"
    })
    void refuses(String name, int version, int flags, String hex, ReasonCode reason) {
        assertThat(violation(bytes(hex), reader(version, flags))).as(name).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "0, AT_MOST_ONCE, false, false, 000174",
        "1, AT_MOST_ONCE, false, true, 000174",
        "2, AT_LEAST_ONCE, false, false, 0001740009",
        "11, AT_LEAST_ONCE, true, true, 0001740009",
        "4, EXACTLY_ONCE, false, false, 0001740009",
        "12, EXACTLY_ONCE, true, false, 0001740009"
    })
    void readsItsFlags(int flags, Qos qos, boolean duplicate, boolean retain, String hex) {
        PublishPacket packet = read(4, flags, hex + "6869");
        assertThat(packet.qos()).isEqualTo(qos);
        assertThat(packet.duplicate()).isEqualTo(duplicate);
        assertThat(packet.retain()).isEqualTo(retain);
        assertThat(packet.packetId()).isEqualTo(qos == Qos.AT_MOST_ONCE ? 0 : 9);
        assertThat(packet.topic()).isEqualTo("t");
        assertThat(packet.payload().bytes()).containsExactly('h', 'i');
        assertThat(packet.properties()).isSameAs(Properties.NONE);
    }

    @Test
    void aPayloadMayBeEmptyAndATopicToo() {
        assertThat(read(4, 0, "000174").payload().isEmpty()).isTrue();
        assertThat(read(5, 0, "0000 03 230001").topic()).as("an alias alone").isEmpty();
    }

    @Test
    void forwardsTheProperties() {
        PublishPacket packet =
                read(
                        5,
                        0,
                        "000174 22 0101 0200000009 03000163 08000172 0900020102"
                                + " 26000162000132 26000161000131"
                                + " 78");
        PublishProperties forwarded = packet.forwarded();
        assertThat(forwarded.payloadFormatIndicator()).isEqualTo(1);
        assertThat(forwarded.contentType()).isEqualTo("c");
        assertThat(forwarded.responseTopic()).isEqualTo("r");
        assertThat(forwarded.correlationData()).isNotNull();
        assertThat(forwarded.correlationData().bytes()).containsExactly(1, 2);
        assertThat(forwarded.userProperties())
                .containsExactly(new UserProperty("b", "2"), new UserProperty("a", "1"));
        assertThat(packet.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1)).isEqualTo(9);
        assertThat(packet.payload().bytes()).containsExactly('x');
        assertThat(read(5, 0, "000174 00").forwarded()).isSameAs(PublishProperties.NONE);
    }
}
