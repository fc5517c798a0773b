package io.muster.broker.net.websocket;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.net.websocket.RawWebSocket.BINARY;
import static io.muster.broker.net.websocket.RawWebSocket.BINARY_BEGINS;
import static io.muster.broker.net.websocket.RawWebSocket.CLOSE;
import static io.muster.broker.net.websocket.RawWebSocket.CONTINUATION;
import static io.muster.broker.net.websocket.RawWebSocket.CONTINUATION_GOES_ON;
import static io.muster.broker.net.websocket.RawWebSocket.PING;
import static io.muster.broker.net.websocket.RawWebSocket.PONG;
import static io.muster.broker.net.websocket.RawWebSocket.TEXT;
import static io.muster.broker.net.websocket.RawWebSocket.frame;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.Packets;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT in WebSocket frames: cut and joined as it comes, and ended in order by either side. */
@DisplayNameGeneration(StatementNames.class)
class WebSocketFramesTest {

    private static final int PACKET_BYTES_MAX = 4096;
    private static final int QOS_1 = 0x02;
    private static final BrokerFixture BROKER = start();

    private final RawWebSocket socket = RawWebSocket.open(BROKER.address());

    private static BrokerFixture start() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.packetBytesMax = PACKET_BYTES_MAX;
        settings.listeners =
                List.of(
                        new ListenerConfig(
                                "tcp",
                                "127.0.0.1",
                                0,
                                Optional.of(new WebSocketSettings("/mqtt", Set.of())),
                                Optional.empty()));
        return settings.start();
    }

    @AfterEach
    void closeSocket() {
        socket.close();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    @Test
    @Normative(mqtt5 = "6.0.0-2", mqtt3 = "6.0.0-2")
    void takesSeveralPacketsInOneFrame() {
        socket.sendMqtt(
                connect(4, "joined").bytes(),
                subscribe(1, "joined", 1),
                publish(QOS_1, 2, "joined", "x"),
                Packets.PINGREQ);
        socket.expectMqttBytes(
                "20 02 00 00 90 03 00 01 01 32 0B 00 06 6A 6F 69 6E 65 64 00 01 78 40 02 00 02 D0 00");
    }

    @Test
    @Normative(mqtt5 = "6.0.0-2", mqtt3 = "6.0.0-2")
    void takesAPacketInManyFrames() {
        for (byte each : connect(4, "split").bytes()) {
            socket.sendMqtt(new byte[] {each});
        }
        socket.expectMqtt("20 02 00 00");
        byte[] both = Packets.join(subscribe(1, "split", 0), Packets.PINGREQ);
        for (int cut = 1; cut < both.length; cut++) {
            socket.sendMqtt(Arrays.copyOf(both, cut));
            socket.sendMqtt(Arrays.copyOfRange(both, cut, both.length));
            socket.expectMqttBytes("90 03 00 01 00 D0 00");
        }
    }

    @Test
    @Normative(mqtt5 = "6.0.0-2", mqtt3 = "6.0.0-2")
    void takesAPacketInContinuationFrames() {
        byte[] bytes = connect(4, "continued").bytes();
        socket.send(
                frame(BINARY_BEGINS, Arrays.copyOf(bytes, 5)),
                frame(CONTINUATION_GOES_ON, new byte[0]),
                frame(PING, new byte[] {1}), // Control frames may come between (section 5.4).
                frame(CONTINUATION_GOES_ON, Arrays.copyOfRange(bytes, 5, 6)),
                frame(CONTINUATION, Arrays.copyOfRange(bytes, 6, bytes.length)));
        assertThat(socket.read().firstByte()).isEqualTo(PONG);
        socket.expectMqtt("20 02 00 00");
    }

    @Test
    void sendsWhatATurnProducedInOneFrame() {
        socket.connect(connect(4, "turn"));
        socket.sendMqtt(Packets.PINGREQ, Packets.PINGREQ, subscribe(1, "turn", 0));
        socket.expectMqtt("D0 00 D0 00 90 03 00 01 00");
    }

    @Test
    @Normative(mqtt5 = "6.0.0-1", mqtt3 = "6.0.0-1")
    void closesOnATextFrame() {
        socket.connect(connect(4, "texter"));
        socket.send(frame(TEXT, "text".getBytes(US_ASCII)), frame(BINARY, Packets.PINGREQ));
        socket.expectClose(1003);
        await().until(() -> BROKER.metric("muster.clients") == 0);
    }

    @Test
    @Normative(mqtt5 = "6.0.0-1", mqtt3 = "6.0.0-1")
    void closesOnATextFrameInsteadOfConnect() {
        socket.send(frame(TEXT, connect(4, "texter").bytes()));
        socket.expectClose(1003);
    }

    @ParameterizedTest
    @CsvSource({
        "83 80 00000000, 1002", // a reserved data frame
        "8B 80 00000000, 1002", // a reserved control frame
        "C2 80 00000000, 1002", // a reserved bit
        "82 02 C000, 1002", // not masked
        "80 80 00000000, 1002", // a continuation of nothing
        "09 80 00000000, 1002", // a control frame in parts
        "89 FE 00FF 00000000, 1002", // too long a control frame
        "82 FE 0001 00000000 C0, 1002", // a length not as short as it can be
        "82 FF 8000000000000001 00000000, 1002", // a negative length
        "88 81 00000000 03, 1002", // half a status
        "88 82 00000000 03ED, 1002", // a status that is never sent
    })
    @Normative(mqtt5 = "6.0.0-1", mqtt3 = "6.0.0-1")
    void closesOnAFrameThatIsNotInOrder(String hex, int status) {
        socket.connect(connect(4, "disorderly"));
        socket.send(HexFormat.of().parseHex(hex.replace(" ", "")));
        socket.expectClose(status);
        await().until(() -> BROKER.metric("muster.clients") == 0);
    }

    @Test
    @Normative(mqtt5 = "6.0.0-2", mqtt3 = "6.0.0-2")
    void takesManyPacketsInAFrameLargerThanAPacketMayBe() {
        socket.connect(connect(4, "bulk"));
        byte[][] packets = new byte[20][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = publish(QOS_1, i + 1, "l", "x".repeat(PACKET_BYTES_MAX / 2));
        }
        socket.sendMqtt(packets);
        StringBuilder acknowledgements = new StringBuilder();
        for (int i = 1; i <= packets.length; i++) {
            acknowledgements.append(" 40 02 00 %02X".formatted(i));
        }
        socket.expectMqttBytes(acknowledgements.substring(1));
    }

    @Test
    void handlesAPacketBeforeTheEndOfItsFrame() {
        socket.connect(connect(4, "stream"));
        socket.send(HexFormat.of().parseHex("82FF" + "0000000100000000" + "00000000" + "C000"));
        socket.expectMqtt("D0 00");
        socket.send(Packets.PINGREQ).expectMqtt("D0 00");
    }

    @Test
    void closesOnTooLargeAPacketThoughItsFrameWereNot() {
        socket.connect(connect(4, "too-large"));
        socket.sendMqtt(publish(QOS_1, 7, "l", "x".repeat(PACKET_BYTES_MAX)));
        socket.expectClose(1000);
    }

    @Test
    void takesAPacketOfTheLargestSize() {
        socket.connect(connect(4, "large"));
        // 2 bytes of topic length, 1 of topic, 2 of identifier, 3 of the fixed header.
        String payload = "x".repeat(PACKET_BYTES_MAX - 8);
        socket.sendMqtt(publish(QOS_1, 7, "l", payload)).expectMqtt("40 02 00 07");
    }

    @Test
    void answersPingsWithTheirContent() {
        socket.send(frame(PING, "early".getBytes(US_ASCII)));
        RawWebSocket.Frame pong = socket.read();
        assertThat(pong.firstByte()).isEqualTo(PONG);
        assertThat(pong.content().bytes()).asString(US_ASCII).isEqualTo("early");
        socket.connect(connect(4, "pinger"));
        socket.send(frame(PONG, new byte[0]), frame(PING, new byte[0]));
        assertThat(socket.read().firstByte()).isEqualTo(PONG);
        socket.sendMqtt(Packets.PINGREQ).expectMqtt("D0 00");
    }

    @Test
    void doesNotTakeAPingForASignOfLife() {
        socket.connect(connect(4, "dead").keepAlive(1));
        long start = System.nanoTime();
        RawWebSocket.Frame frame;
        do {
            socket.send(frame(PING, new byte[0]));
            frame = socket.read();
        } while (frame.firstByte() == PONG && System.nanoTime() - start < 8_000_000_000L);
        assertThat(frame.firstByte()).isEqualTo(CLOSE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 3000, 4999})
    void answersACloseWithItsStatus(int status) {
        socket.connect(connect(4, "leaver"));
        socket.send(RawWebSocket.close(status));
        socket.expectClose(status);
        await().until(() -> BROKER.metric("muster.clients") == 0);
    }

    @Test
    void answersACloseWithoutStatusAndReadsNothingBehindIt() {
        socket.connect(connect(4, "leaver"));
        socket.send(frame(CLOSE, new byte[0]), frame(BINARY, Packets.PINGREQ));
        RawWebSocket.Frame close = socket.read();
        assertThat(close.firstByte()).isEqualTo(CLOSE);
        assertThat(close.hex()).isEmpty();
        socket.expectEnd();
    }

    @Test
    void publishesTheWillOfOneWhoClosesWithoutDisconnect() {
        socket.connect(connect(4, "watcher"));
        socket.sendMqtt(subscribe(1, "will", 0)).expectMqtt("90 03 00 01 00");
        try (RawWebSocket lost = RawWebSocket.open(BROKER.address())) {
            lost.connect(connect(4, "mortal").will("will", "w", 0, Packets.NO_PROPERTIES));
            lost.send(RawWebSocket.close(1000));
            lost.expectClose(1000);
        }
        socket.expectMqtt("30 07 00 04 77 69 6C 6C 77");
    }

    @Test
    void saysCloseAfterDisconnect() {
        socket.connect(connect(4, "polite"));
        socket.sendMqtt(Packets.DISCONNECT).expectClose(1000);
    }

    @Test
    void saysCloseAfterARefusal() {
        socket.sendMqtt(connect(9, "from-the-future").bytes());
        assertThat(socket.read().firstByte()).as("the frame of CONNACK").isEqualTo(BINARY);
        socket.expectClose(1000);
    }

    @Test
    void saysCloseWhenThePacketIsNoConnect() {
        socket.sendMqtt(Packets.PINGREQ).expectClose(1000);
    }

    @Test
    void saysCloseToOneWhoIsTakenOver() {
        socket.connect(connect(4, "twin"));
        try (RawWebSocket other = RawWebSocket.open(BROKER.address())) {
            other.connect(connect(4, "twin"));
            socket.expectClose(1000);
            other.sendMqtt(Packets.PINGREQ).expectMqtt("D0 00");
        }
    }

    @Test
    void movesToAnotherLoopBetweenFramesAndWithinThem() {
        socket.connect(connect(4, "mover").resume());
        socket.sendMqtt(Packets.DISCONNECT).expectClose(1000);
        byte[] subscribe = frame(BINARY, subscribe(1, "a/long/enough/filter", 1));
        socket.close();
        BROKER.crowdFirstLoop();
        for (int i = 0; i < 100; i++) {
            int cut = i % subscribe.length;
            try (RawWebSocket client = RawWebSocket.open(BROKER.address())) {
                client.send(
                        frame(BINARY, connect(4, "mover").resume().bytes()),
                        frame(PING, new byte[0]),
                        Arrays.copyOf(subscribe, cut));
                expectPongAndConnack(client);
                client.send(Arrays.copyOfRange(subscribe, cut, subscribe.length));
                client.expectMqtt("90 03 00 01 01");
                client.sendMqtt(Packets.DISCONNECT).expectClose(1000);
            }
        }
    }

    /** In either order: the connection may have moved before the Ping was read. */
    private static void expectPongAndConnack(RawWebSocket client) {
        RawWebSocket.Frame first = client.read();
        RawWebSocket.Frame second = client.read();
        assertThat(List.of(first.firstByte(), second.firstByte()))
                .containsExactlyInAnyOrder(PONG, BINARY);
        assertThat(List.of(first.hex(), second.hex())).contains("20 02 01 00");
    }
}
