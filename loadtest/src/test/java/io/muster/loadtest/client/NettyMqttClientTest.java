package io.muster.loadtest.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.loadtest.FaultyRelay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sign-in against a relay; the reader of packets with bytes from the specification. */
class NettyMqttClientTest {

    private static final SignIn SIGN_IN = new SignIn("client", null, null, "client", false);

    private final List<String> heard = new ArrayList<>();
    private final MqttClient.Listener listener =
            new MqttClient.Listener() {
                @Override
                public void message(ByteBuf payload, boolean retained, long nanos) {
                    heard.add(payload.toString(StandardCharsets.UTF_8));
                }

                @Override
                public void problem(String sentence) {
                    heard.add(sentence);
                }
            };
    private @Nullable EmbeddedChannel channel;

    @AfterEach
    void releaseBuffers() {
        if (channel != null) {
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MqttConnectReturnCode.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = "CONNECTION_ACCEPTED")
    void namesEachReasonForWhichASignInIsRefused(MqttConnectReturnCode code) {
        int number = code.byteValue() & 0xff;
        String version = number >= 0x80 ? Target.VERSION_5 : Target.VERSION_3;
        try (FaultyRelay relay = new FaultyRelay(code);
                NettyMqttClient client =
                        new NettyMqttClient(Target.tcp("127.0.0.1", relay.port(), version), 1, 0)) {
            assertThat(client.connect(SIGN_IN, listener))
                    .failsWithin(5, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withMessageMatching(
                            "(?s).*sign-in refused: [a-z0-9 ]+ \\(CONNACK " + number + "\\).*");
        }
    }

    private NettyConnection connection(boolean version5) {
        return new NettyConnection(
                version5, SIGN_IN, listener, made -> made.executor().execute(made::endTurn));
    }

    /** A signed-in connection whose bytes the test hands over itself. */
    private EmbeddedChannel reader(String version) {
        NettyConnection connection = connection(version5(version));
        EmbeddedChannel made =
                new EmbeddedChannel(new PacketReader(connection, version5(version)), connection);
        // The CONNECT.
        Object unused = made.readOutbound();
        channel = made;
        return made;
    }

    private static boolean version5(String version) {
        return version.equals(Target.VERSION_5);
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void readsAPublishHoweverItIsCutIntoPieces() {
        // Twice: QoS 0, topic "a", payload "hi"; then "ho".
        byte[] stream = {0x30, 5, 0, 1, 'a', 'h', 'i', 0x30, 5, 0, 1, 'a', 'h', 'o'};
        for (int cut = 1; cut < stream.length; cut++) {
            heard.clear();
            EmbeddedChannel each = reader(Target.VERSION_3);
            each.writeInbound(Unpooled.copiedBuffer(stream, 0, cut));
            each.writeInbound(Unpooled.copiedBuffer(stream, cut, stream.length - cut));
            assertThat(heard).as("cut at " + cut).containsExactly("hi", "ho");
            each.finishAndReleaseAll();
        }
    }

    @Test
    void readsAPublishOfManyReads() {
        byte[] payload = "x".repeat(200_000).getBytes(StandardCharsets.UTF_8);
        int remaining = 3 + payload.length;
        ByteBuf stream =
                Unpooled.buffer()
                        .writeByte(0x30)
                        .writeByte((remaining & 0x7f) | 0x80)
                        .writeByte(((remaining >> 7) & 0x7f) | 0x80)
                        .writeByte(remaining >> 14)
                        .writeBytes(new byte[] {0, 1, 'a'})
                        .writeBytes(payload)
                        .writeBytes(new byte[] {0x30, 5, 0, 1, 'a', 'h', 'i'});
        EmbeddedChannel each = reader(Target.VERSION_3);
        while (stream.isReadable()) {
            each.writeInbound(stream.readBytes(Math.min(30_000, stream.readableBytes())));
        }
        stream.release();
        assertThat(heard).containsExactly("x".repeat(200_000), "hi");
    }

    @Test
    void skipsThePropertiesOfMqtt5() {
        // Topic alias 1 and message expiry in the properties.
        reader(Target.VERSION_5)
                .writeInbound(bytes("30 0e 00 01 61 08 23 00 01 02 00 00 00 05 68 69"));
        assertThat(heard).containsExactly("hi");
    }

    @ParameterizedTest
    @CsvSource({
        "32 07 00 01 61 00 07 68 69, 40 02 00 07",
        "34 07 00 01 61 00 07 68 69, 50 02 00 07",
        "62 02 00 07, 70 02 00 07"
    })
    void answersInOneWrite(String packet, String answer) {
        EmbeddedChannel each = reader(Target.VERSION_3);
        each.writeInbound(bytes(packet));
        ByteBuf written = each.readOutbound();
        assertThat(written).isEqualTo(bytes(answer));
        written.release();
        assertThat(each.outboundMessages()).isEmpty();
    }

    @Test
    void hearsAnExactlyOnceMessageAgainOnlyAfterItsRelease() {
        EmbeddedChannel each = reader(Target.VERSION_3);
        String publish = "34 07 00 01 61 00 07 68 69";
        each.writeInbound(bytes(publish + "3c 07 00 01 61 00 07 68 69"));
        assertThat(heard).containsExactly("hi");
        each.writeInbound(bytes("62 02 00 07" + publish));
        assertThat(heard).containsExactly("hi", "hi");
    }

    @ParameterizedTest
    @ValueSource(strings = {"40 02 00 09", "50 03 00 09 91", "70 02 00 09"})
    void complainsAboutAcknowledgementsOfWhatWasNotSent(String packet) {
        reader(Target.VERSION_5).writeInbound(bytes(packet));
        assertThat(heard).singleElement().asString().contains("for a packet that was not sent");
    }

    @ParameterizedTest
    @CsvSource({
        "30 03 00 09 61, shorter than its fields say",
        "40 01 00, shorter than its fields say",
        "30 ff ff ff ff 01, more than four bytes",
        "30 ff ff ff 7f, more than 2000000"
    })
    void refusesMalformedPackets(String packet, String sentence) {
        NettyConnection connection = connection(false);
        channel = new EmbeddedChannel(new PacketReader(connection, false));
        ByteBuf malformed = bytes(packet);
        EmbeddedChannel each = channel;
        assertThatThrownBy(() -> each.writeInbound(malformed))
                .isInstanceOf(DecoderException.class)
                .hasMessageContaining(sentence);
    }
}
