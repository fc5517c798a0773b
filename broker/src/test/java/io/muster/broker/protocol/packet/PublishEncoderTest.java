package io.muster.broker.protocol.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.message.UserProperty;
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
class PublishEncoderTest {

    private static final long NOW = 1_000_000;
    private static final int NO_LIMIT = Integer.MAX_VALUE;
    private static final SubscriptionIdentifiers NONE = SubscriptionIdentifiers.NONE;

    private final PublishEncoder version4 = new PublishEncoder(false, NO_LIMIT, 0);
    private final PublishEncoder version5 = new PublishEncoder(true, NO_LIMIT, 0);

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

    @Test
    void publishOfQosZero() {
        Message message = plain(Qos.AT_MOST_ONCE);
        assertThat(hex(out -> version4.publish(out, message, false, NONE, NOW)))
                .isEqualTo("30070003612f626869");
        assertThat(hex(out -> version4.publish(out, message, true, NONE, NOW)))
                .isEqualTo("31070003612f626869");
        assertThat(hex(out -> version5.publish(out, message, false, NONE, NOW)))
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
        assertThat(hex(out -> version5.publish(out, message, false, NONE, NOW)))
                .isEqualTo("3025" + "000174" + "21" + properties);
        assertThat(hex(out -> version4.publish(out, message, false, NONE, NOW)))
                .as("earlier versions have none")
                .isEqualTo("3003000174");
    }

    @ParameterizedTest
    @CsvSource({
        "10000, 0000000a",
        "9001, 0000000a",
        "9000, 00000009",
        "1, 00000001",
        "0, 00000000",
        "-5000, 00000000",
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
        assertThat(hex(out -> version5.publish(out, message, false, NONE, NOW)))
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
        String packet = hex(out -> version4.publish(out, message, false, NONE, NOW));
        assertThat(packet).startsWith("30" + length + "000174");
        assertThat(packet).hasSize(2 * (1 + length.length() / 2 + remaining));
        int bytes = packet.length() / 2;
        assertThat(new PublishEncoder(false, bytes, 0).fits(message, Qos.AT_MOST_ONCE, NONE))
                .isTrue();
        assertThat(new PublishEncoder(false, bytes - 1, 0).fits(message, Qos.AT_MOST_ONCE, NONE))
                .isFalse();
    }

    @Test
    void topicsAreUtf8() {
        Message message = Message.of("é/€/😀", Payload.EMPTY, Qos.AT_MOST_ONCE, false);
        assertThat(hex(out -> version4.publish(out, message, false, NONE, NOW)))
                .isEqualTo("300d000bc3a92fe282ac2ff09f9880");
    }

    // ------------------------------------------------- identifiers, aliases, largest packet

    @Test
    void publishTellsTheSubscriptionIdentifiersInTheirOrder() {
        SubscriptionIdentifiers two =
                SubscriptionIdentifiers.of(128).with(SubscriptionIdentifiers.of(1));
        Message message = Message.of("t", Payload.EMPTY, Qos.AT_MOST_ONCE, false);
        assertThat(hex(out -> version5.publish(out, message, false, two, NOW)))
                .isEqualTo("30090001740" + "5" + "0b8001" + "0b01");
        assertThat(hex(out -> version4.publish(out, message, false, two, NOW)))
                .isEqualTo("3003000174");
    }

    @Test
    void aTopicGetsAnAliasWhichThenStandsForIt() {
        PublishEncoder encoder = new PublishEncoder(true, NO_LIMIT, 1);
        Message message = Message.of("t", payload("x"), Qos.AT_MOST_ONCE, false);
        assertThat(hex(out -> encoder.publish(out, message, false, NONE, NOW)))
                .isEqualTo("3008000174" + "03230001" + "78");
        assertThat(hex(out -> encoder.publish(out, message, false, NONE, NOW)))
                .isEqualTo("30070000" + "03230001" + "78");
    }

    @Test
    void earlierVersionsHaveNoAliases() {
        PublishEncoder encoder = new PublishEncoder(false, NO_LIMIT, 10);
        Message message = Message.of("t", payload("x"), Qos.AT_MOST_ONCE, false);
        for (int i = 0; i < 3; i++) {
            assertThat(hex(out -> encoder.publish(out, message, false, NONE, NOW)))
                    .isEqualTo("300400017478");
        }
    }

    /** Lengths where the three bytes of an alias make the fields before them longer too. */
    @ParameterizedTest
    @CsvSource({"0, 100", "90, 0", "100, 0", "115, 16230", "116, 16230", "117, 16230"})
    void anAliasNeverMakesAPacketLargerThanTheClientTakes(int nameLength, int payloadAbout) {
        for (int size = payloadAbout; size < payloadAbout + 30; size++) {
            Message message =
                    new Message(
                            "t",
                            Payload.of(new byte[size]),
                            Qos.AT_MOST_ONCE,
                            false,
                            "",
                            Message.NEVER,
                            new PublishProperties(
                                    -1,
                                    null,
                                    null,
                                    null,
                                    List.of(new UserProperty("n".repeat(nameLength), "value"))));
            int plain = hex(out -> version5.publish(out, message, false, NONE, NOW)).length() / 2;
            for (int max = plain; max < plain + 8; max++) {
                PublishEncoder encoder = new PublishEncoder(true, max, 1);
                assertThat(encoder.fits(message, Qos.AT_MOST_ONCE, NONE)).isTrue();
                for (int i = 0; i < 3; i++) {
                    assertThat(hex(out -> encoder.publish(out, message, false, NONE, NOW)).length())
                            .isLessThanOrEqualTo(2 * max);
                }
            }
        }
    }
}
