package io.muster.broker.protocol.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.message.UserProperty;
import io.muster.broker.protocol.packet.PacketEncoder.Acknowledgement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Byte for byte against the layouts of the specifications. */
class PacketEncoderTest {

    private static final long NOW = 1_000_000;

    private final PacketEncoder version4 = new PacketEncoder(false);
    private final PacketEncoder version5 = new PacketEncoder(true);

    private static String hex(Consumer<ByteBuf> packet) {
        ByteBuf out = Unpooled.buffer();
        try {
            packet.accept(out);
            return ByteBufUtil.hexDump(out);
        } finally {
            out.release();
        }
    }

    private static Payload payload(String text) {
        return Payload.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Message plain(Qos qos) {
        return Message.of("a/b", payload("hi"), qos, false);
    }

    private static Message withProperties() {
        return new Message(
                "t",
                Payload.EMPTY,
                Qos.AT_LEAST_ONCE,
                false,
                "",
                NOW + 10_000,
                new PublishProperties(
                        1,
                        "c",
                        "r",
                        Payload.of(new byte[] {1, 2}),
                        List.of(new UserProperty("k", "v"), new UserProperty("k", ""))));
    }

    // -------------------------------------------------------------------- CONNACK

    @Test
    void connackOfEarlierVersions() {
        ConnackProperties properties = new ConnackProperties(60, 20, 1_024, "id", 30);
        assertThat(hex(out -> version4.connack(out, true, properties))).isEqualTo("20020100");
        assertThat(hex(out -> version4.connack(out, false, properties))).isEqualTo("20020000");
        assertThat(hex(out -> version4.connack(out, ReasonCode.NOT_AUTHORIZED)))
                .isEqualTo("20020005");
    }

    @Test
    void refusingConnackHasNoProperties() {
        assertThat(hex(out -> version5.connack(out, ReasonCode.BANNED))).isEqualTo("2003008a00");
    }

    @Test
    void connackTellsWhatDiffersFromWhatWasAskedFor() {
        ConnackProperties all = new ConnackProperties(60, 20, 1_024, "id", 30);
        assertThat(hex(out -> version5.connack(out, true, all)))
                .isEqualTo(
                        "201c010019"
                                + "110000003c" // session expiry interval
                                + "210014" // receive maximum
                                + "2700000400" // maximum packet size
                                + "1200026964" // assigned client identifier
                                + "13001e" // server keep alive
                                + "2900" // no subscription identifiers
                                + "2a00"); // no shared subscriptions
        ConnackProperties least = new ConnackProperties(-1, 65_535, 1_024, null, -1);
        assertThat(hex(out -> version5.connack(out, false, least)))
                .isEqualTo("200c0000092700000400" + "29002a00");
    }

    @Test
    void connackTellsTheLongestExpiryUnsigned() {
        ConnackProperties longest = new ConnackProperties(0xFFFF_FFFFL, 65_535, 1, null, -1);
        assertThat(hex(out -> version5.connack(out, false, longest))).contains("11ffffffff");
    }

    // -------------------------------------------------------------------- PUBLISH

    @Test
    void publishOfQosZero() {
        Message message = plain(Qos.AT_MOST_ONCE);
        assertThat(hex(out -> version4.publish(out, message, false, NOW)))
                .isEqualTo("30070003612f626869");
        assertThat(hex(out -> version4.publish(out, message, true, NOW)))
                .isEqualTo("31070003612f626869");
        assertThat(hex(out -> version5.publish(out, message, false, NOW)))
                .isEqualTo("30080003612f62006869");
    }

    @ParameterizedTest
    @CsvSource({
        "AT_LEAST_ONCE, false, false, 32",
        "AT_LEAST_ONCE, false, true, 3a",
        "AT_LEAST_ONCE, true, false, 33",
        "EXACTLY_ONCE, false, false, 34",
        "EXACTLY_ONCE, true, true, 3d"
    })
    void publishOfQosOneAndTwo(Qos qos, boolean retain, boolean duplicate, String first) {
        Delivery delivery =
                new Delivery(plain(qos), qos, retain, SubscriptionIdentifiers.NONE, null);
        assertThat(hex(out -> version4.publish(out, delivery, 0xABCD, duplicate, NOW)))
                .isEqualTo(first + "090003612f62abcd6869");
        assertThat(hex(out -> version5.publish(out, delivery, 0xABCD, duplicate, NOW)))
                .isEqualTo(first + "0a0003612f62abcd006869");
    }

    @Test
    void publishWithAllProperties() {
        Message message = withProperties();
        String properties =
                "020000000a" // message expiry interval
                        + "0101" // payload format indicator
                        + "03000163" // content type
                        + "08000172" // response topic
                        + "0900020102" // correlation data
                        + "2600016b000176" // user properties
                        + "2600016b0000";
        assertThat(hex(out -> version5.publish(out, message, false, NOW)))
                .isEqualTo("3025" + "000174" + "21" + properties);
        assertThat(hex(out -> version4.publish(out, message, false, NOW)))
                .as("earlier versions have none")
                .isEqualTo("3003000174");
    }

    @ParameterizedTest
    @CsvSource({
        "10000, 0000000a",
        "9001, 0000000a",
        "9000, 00000009",
        "1, 00000001",
        "0, 00000001",
        "-5, 00000001",
        "4294967295000, ffffffff"
    })
    void tellsWhatIsLeftOfTheExpiryRoundedUp(long leftMillis, String seconds) {
        Message message =
                new Message(
                        "t",
                        Payload.EMPTY,
                        Qos.AT_MOST_ONCE,
                        false,
                        "",
                        NOW + leftMillis,
                        PublishProperties.NONE);
        assertThat(hex(out -> version5.publish(out, message, false, NOW)))
                .isEqualTo("30090001740502" + seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "127, 7f",
        "128, 8001",
        "16383, ff7f",
        "16384, 808001",
        "2097151, ffff7f",
        "2097152, 80808001"
    })
    void remainingLengthTakesOneToFourBytes(int remaining, String length) {
        Message message =
                Message.of("t", Payload.of(new byte[remaining - 3]), Qos.AT_MOST_ONCE, false);
        String packet = hex(out -> version4.publish(out, message, false, NOW));
        assertThat(packet).startsWith("30" + length + "000174");
        assertThat(packet).hasSize(2 * (1 + length.length() / 2 + remaining));
        assertThat(version4.publishLength(message, Qos.AT_MOST_ONCE))
                .isEqualTo(packet.length() / 2);
    }

    @Test
    void topicsAreUtf8() {
        Message message = Message.of("é/€/😀", Payload.EMPTY, Qos.AT_MOST_ONCE, false);
        assertThat(hex(out -> version4.publish(out, message, false, NOW)))
                .isEqualTo("300d000bc3a92fe282ac2ff09f9880");
    }

    // ------------------------------------------------------------------- the rest

    @ParameterizedTest
    @CsvSource({"PUBACK, 40", "PUBREC, 50", "PUBREL, 62", "PUBCOMP, 70"})
    void acknowledgements(Acknowledgement kind, String first) {
        ReasonCode failure = ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
        assertThat(hex(out -> version5.acknowledge(out, kind, 0x1234, ReasonCode.SUCCESS)))
                .isEqualTo(first + "021234");
        assertThat(hex(out -> version5.acknowledge(out, kind, 0x1234, failure)))
                .isEqualTo(first + "03123492");
        assertThat(hex(out -> version4.acknowledge(out, kind, 0x1234, failure)))
                .isEqualTo(first + "021234");
    }

    @Test
    void suback() {
        int[] codes = {0, 1, 2, 0x87};
        assertThat(hex(out -> version4.suback(out, 7, codes))).isEqualTo("9006000700010287");
        assertThat(hex(out -> version5.suback(out, 7, codes))).isEqualTo("900700070000010287");
    }

    @Test
    void unsuback() {
        int[] codes = {0, 0x11};
        assertThat(hex(out -> version4.unsuback(out, 7, codes))).isEqualTo("b0020007");
        assertThat(hex(out -> version5.unsuback(out, 7, codes))).isEqualTo("b0050007000011");
    }

    @Test
    void pingrespAndDisconnect() {
        assertThat(hex(version4::pingresp)).isEqualTo("d000");
        assertThat(hex(out -> version5.disconnect(out, ReasonCode.SESSION_TAKEN_OVER)))
                .isEqualTo("e0018e");
        assertThat(hex(out -> version4.disconnect(out, ReasonCode.SESSION_TAKEN_OVER)))
                .as("earlier versions have none from the server")
                .isEmpty();
    }
}
