package io.muster.broker.net.websocket;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.subscribe;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT over the JDK's WebSocket client, which knows the protocol's rules better than our tests. */
class WebSocketClientTest {

    private static final BrokerFixture BROKER = start();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static BrokerFixture start() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.listeners =
                List.of(
                        new ListenerConfig("tcp", "127.0.0.1", 0),
                        new ListenerConfig(
                                "ws",
                                "127.0.0.1",
                                0,
                                Optional.of(new WebSocketSettings("/mqtt", Set.of())),
                                Optional.empty()));
        return settings.start();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private static URI uri(String path) {
        InetSocketAddress address = BROKER.address("ws");
        return URI.create("ws://127.0.0.1:" + address.getPort() + path);
    }

    private static CompletableFuture<WebSocket> open(String path, WebSocket.Listener listener) {
        return HTTP.newWebSocketBuilder().subprotocols("mqtt").buildAsync(uri(path), listener);
    }

    /** Collects the bytes of all binary frames. */
    private static final class Incoming implements WebSocket.Listener {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public synchronized @Nullable CompletionStage<?> onBinary(
                WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            bytes.writeBytes(part);
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(
                WebSocket webSocket, int statusCode, String reason) {
            closed.complete(statusCode);
            return null;
        }

        private synchronized byte[] bytes() {
            return bytes.toByteArray();
        }

        private void expect(byte[]... packets) {
            byte[] expected = Packets.join(packets);
            await().until(() -> bytes().length >= expected.length);
            assertThat(bytes()).isEqualTo(expected);
        }
    }

    /** The sizes around which the length of a frame is written in another way. */
    @ParameterizedTest
    @ValueSource(ints = {1, 125, 126, 127, 1_000, 65_535, 65_536, 300_000})
    void carriesMessagesOfAllSizes(int size) {
        Incoming incoming = new Incoming();
        WebSocket socket = open("/mqtt", incoming).join();
        assertThat(socket.getSubprotocol()).isEqualTo("mqtt");
        byte[] message = publish("size", "x".repeat(size));
        socket.sendBinary(ByteBuffer.wrap(connect(4, "sizes").bytes()), true).join();
        socket.sendBinary(ByteBuffer.wrap(subscribe(1, "size", 0)), true).join();
        int half = message.length / 2;
        socket.sendBinary(ByteBuffer.wrap(message, 0, half), false).join();
        socket.sendBinary(ByteBuffer.wrap(message, half, message.length - half), true).join();
        incoming.expect(Packets.bytes("20 02 00 00"), Packets.bytes("90 03 00 01 00"), message);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertThat(incoming.closed.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(1000);
    }

    @Test
    void isClosedInOrderByTheBroker() {
        Incoming incoming = new Incoming();
        WebSocket socket = open("/mqtt", incoming).join();
        socket.sendBinary(
                        ByteBuffer.wrap(Packets.join(connect(4, "a").bytes(), Packets.DISCONNECT)),
                        true)
                .join();
        assertThat(incoming.closed.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo(1000);
        incoming.expect(Packets.bytes("20 02 00 00"));
    }

    @Test
    void answersAPing() {
        CompletableFuture<String> pong = new CompletableFuture<>();
        WebSocket.Listener listener =
                new WebSocket.Listener() {
                    @Override
                    public @Nullable CompletionStage<?> onPong(
                            WebSocket webSocket, ByteBuffer message) {
                        pong.complete(US_ASCII.decode(message).toString());
                        return null;
                    }
                };
        WebSocket socket = open("/mqtt", listener).join();
        socket.sendPing(US_ASCII.encode("hello")).join();
        assertThat(pong.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo("hello");
        socket.abort();
    }

    @Test
    void isToldWhyItIsRefused() {
        Throwable refused = catchThrowable(() -> open("/other", new Incoming()).join());
        assertThat(refused.getCause())
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        cause -> assertThat(cause.getResponse().statusCode()).isEqualTo(404));
    }

    @Test
    void reachesClientsOverTcpAndIsReachedByThem() {
        Incoming incoming = new Incoming();
        WebSocket socket = open("/mqtt", incoming).join();
        RawClient tcp = BROKER.client(4, "tcp").subscribe("to/tcp", 0);
        socket.sendBinary(ByteBuffer.wrap(connect(4, "web").bytes()), true).join();
        socket.sendBinary(
                        ByteBuffer.wrap(
                                Packets.join(subscribe(1, "to/web", 0), publish("to/tcp", "1"))),
                        true)
                .join();
        tcp.expectPublish("1");
        tcp.send(publish("to/web", "2"));
        incoming.expect(
                Packets.bytes("20 02 00 00"),
                Packets.bytes("90 03 00 01 00"),
                publish("to/web", "2"));
        socket.abort();
    }
}
