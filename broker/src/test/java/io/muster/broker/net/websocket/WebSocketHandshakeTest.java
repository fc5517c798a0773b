package io.muster.broker.net.websocket;

import static io.muster.broker.Packets.connect;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.Packets;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.net.websocket.RawWebSocket.Handshake;
import io.muster.broker.net.websocket.RawWebSocket.Response;
import java.time.Duration;
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

/**
 * The HTTP request before MQTT over WebSocket: which are accepted, and what the others are told.
 */
@DisplayNameGeneration(StatementNames.class)
class WebSocketHandshakeTest {

    private static final BrokerFixture BROKER =
            settings(webSocket("ws", Set.of()), webSocket("all", Set.of("*")), webSocket("some"))
                    .start();

    private RawWebSocket socket = new RawWebSocket(BROKER.address("ws"));

    private static ListenerConfig webSocket(String name) {
        return webSocket(name, Set.of("https://console.example", "null"));
    }

    private static ListenerConfig webSocket(String name, Set<String> origins) {
        return new ListenerConfig(
                name,
                "127.0.0.1",
                0,
                Optional.of(new WebSocketSettings("/mqtt", origins)),
                Optional.empty());
    }

    private static BrokerFixture.Settings settings(ListenerConfig... listeners) {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.listeners = List.of(listeners);
        return settings;
    }

    @AfterEach
    void closeSocket() {
        socket.close();
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    private Response answer(Handshake handshake) {
        return socket.send(handshake.bytes()).response();
    }

    private Response answerOn(String listener, Handshake handshake) {
        socket.close();
        socket = new RawWebSocket(BROKER.address(listener));
        return answer(handshake);
    }

    /** The example of RFC 6455, section 1.3. */
    @Test
    void provesThatItUnderstoodTheKey() {
        Response response = answer(new Handshake());
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.header("Upgrade")).isEqualTo("websocket");
        assertThat(response.header("Connection")).isEqualToIgnoringCase("upgrade");
        assertThat(response.header("Sec-WebSocket-Accept"))
                .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        socket.connect(connect(4, "in"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mqtt                     | mqtt",
                "mqttv3.1, mqtt           | mqtt",
                "chat,mqtt , mqttv3.1     | mqtt",
                "mqttv3.1                 | mqttv3.1",
            })
    @Normative(mqtt5 = "6.0.0-4", mqtt3 = "6.0.0-4")
    void selectsTheSubprotocolOfMqtt(String offered, String selected) {
        Response response = answer(new Handshake().with("Sec-WebSocket-Protocol", offered));
        assertThat(response.status()).isEqualTo(101);
        assertThat(response.header("Sec-WebSocket-Protocol")).isEqualTo(selected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chat", "MQTT", "mqtts", "xmqtt, mqtt5"})
    @Normative(mqtt5 = "6.0.0-3", mqtt3 = "6.0.0-3")
    void refusesAClientThatDoesNotOfferMqtt(String offered) {
        Response response = answer(new Handshake().with("Sec-WebSocket-Protocol", offered));
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.body()).contains("Sec-WebSocket-Protocol must offer mqtt");
        socket.expectEnd();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Sec-WebSocket-Protocol |                          | 400 | must offer mqtt",
                "Host                   |                          | 400 | with a Host field",
                "Content-Length         | 3                        | 400 | has no content",
                "Content-Length         | 0                        | 101 |", // as the JDK sends
                "Content-Length         | three                    | 400 | not a valid HTTP request",
                "Transfer-Encoding      | chunked                  | 400 | has no content",
                "Sec-WebSocket-Key      |                          | 400 | 16 bytes in Base64",
                "Sec-WebSocket-Key      | dGhlIHNhbXBsZSBub25jZQ   | 101 |",
                "Sec-WebSocket-Key      | c2hvcnQ=                 | 400 | 16 bytes in Base64",
                "Sec-WebSocket-Key      | this is not base64 !!!   | 400 | 16 bytes in Base64",
                "Upgrade                |                          | 426 | Upgrade: websocket",
                "Upgrade                | h2c                      | 426 | Upgrade: websocket",
                "Connection             |                          | 426 | Connection: Upgrade",
                "Connection             | close                    | 426 | Connection: Upgrade",
                "Sec-WebSocket-Version  |                          | 426 | must be 13",
                "Sec-WebSocket-Version  | 8                        | 426 | must be 13",
            })
    void saysWhatIsWrongWithAHeaderField(String name, String value, int status, String sentence) {
        Handshake handshake = new Handshake();
        Response response =
                answer(value == null ? handshake.without(name) : handshake.with(name, value));
        assertThat(response.status()).isEqualTo(status);
        if (sentence != null) {
            assertThat(response.body()).contains(sentence).endsWith(".\n");
            socket.expectEnd();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.1, 404, 'MQTT over WebSocket is at /mqtt.'",
        "GET /mqtt/ HTTP/1.1, 404, 'MQTT over WebSocket is at /mqtt.'",
        "GET /MQTT HTTP/1.1, 404, 'MQTT over WebSocket is at /mqtt.'",
        "POST /mqtt HTTP/1.1, 405, is a GET.",
        "GET /mqtt HTTP/1.0, 400, a request of HTTP 1.1",
        "GET /mqtt, 400, ",
        "GET /mqtt MQTT/5.0, 400, not a valid HTTP request",
    })
    void saysWhatIsWrongWithTheRequestLine(String line, int status, String sentence) {
        Response response = answer(new Handshake().line(line));
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.body()).contains(sentence == null ? "" : sentence);
        socket.expectEnd();
    }

    @Test
    void acceptsAPathWithAQuery() {
        assertThat(answer(new Handshake().line("GET /mqtt?a=b HTTP/1.1")).status()).isEqualTo(101);
    }

    @Test
    void tellsWhoAsksTheWrongWayWhatIsAllowed() {
        Response wrong = answer(new Handshake().line("PUT /mqtt HTTP/1.1"));
        assertThat(wrong.header("Allow")).isEqualTo("GET");
        Response old = answerOn("ws", new Handshake().with("Sec-WebSocket-Version", "8"));
        assertThat(old.header("Sec-WebSocket-Version")).isEqualTo("13");
        assertThat(old.header("Upgrade")).isEqualTo("websocket");
    }

    @Test
    void allowsNoSecondOriginBesideTheConfigured() {
        String both = "https://console.example\r\nOrigin: https://stranger.example";
        assertThat(answerOn("some", new Handshake().with("Origin", both)).status()).isEqualTo(403);
        socket.expectEnd();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8083, http://127.0.0.1:8083, 101",
        "[::1]:8083, http://[::1]:8083, 101",
        "localhost:8083, http://LOCALHOST:8083, 101",
        "127.0.0.1, https://127.0.0.1, 403",
        "[::1], http://[::1], 403",
        "127.0.0.1:8083, http://127.0.0.1:8083@evil.example, 403",
        "127.0.0.1:8083, http://127.0.0.1:8083/, 403",
        "127.0.0.1:8083, null, 403",
        "127.0.0.1:8083, http://127.0.0.1:3000, 403",
        "127.0.0.1:8083, http://127.0.0.1, 403",
        "127.0.0.1:8083, http://127.0.0.2:8083, 403",
        "127.0.0.1:8083, ftp://127.0.0.1:8083, 403",
        "evil.example:8083, http://evil.example:8083, 403",
        "127.0.0.1.evil.example, http://127.0.0.1.evil.example, 403",
    })
    void allowsAnOriginThatIsTheAddressItselfButNoName(String host, String origin, int status) {
        Handshake handshake = new Handshake().with("Host", host).with("Origin", origin);
        assertThat(answerOn("ws", handshake).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "ws, , 101",
        "ws, https://console.example, 403",
        "ws, http://localhost:3000, 403",
        "some, , 101",
        "some, https://console.example, 101",
        "some, HTTPS://Console.Example, 101",
        "some, null, 101",
        "some, http://console.example, 403",
        "some, https://console.example:8443, 403",
        "some, https://console.example.evil.example, 403",
        "all, https://anything.example, 101",
    })
    void allowsOnlyTheConfiguredOrigins(String listener, String origin, int status) {
        Handshake handshake = new Handshake();
        Response response =
                answerOn(listener, origin == null ? handshake : handshake.with("Origin", origin));
        assertThat(response.status()).isEqualTo(status);
        if (status == 403) {
            assertThat(response.body()).contains("This Origin is not among those");
            socket.expectEnd();
        }
    }

    @Test
    void refusesTooLongARequestLine() {
        Response response = answer(new Handshake().line("GET /" + "x".repeat(9_000) + " HTTP/1.1"));
        assertThat(response.status()).isEqualTo(414);
        socket.expectEnd();
    }

    @Test
    void refusesTooManyHeaderFields() {
        Response response = answer(new Handshake().with("Cookie", "c".repeat(20_000)));
        assertThat(response.status()).isEqualTo(431);
        socket.expectEnd();
    }

    @Test
    void answersWhatIsNoHttpAtAll() {
        Response response =
                socket.send(connect(4, "lost").bytes(), Packets.PINGREQ, new byte[] {'\n'})
                        .response();
        assertThat(response.status()).isEqualTo(400);
        socket.expectEnd();
    }

    @Test
    void takesARequestThatComesInPieces() {
        byte[] request = new Handshake().bytes();
        for (byte each : request) {
            socket.send(new byte[] {each});
        }
        assertThat(socket.response().status()).isEqualTo(101);
    }

    @Test
    void takesFramesThatCameRightBehindTheRequest() {
        socket.send(
                new Handshake().bytes(),
                RawWebSocket.frame(RawWebSocket.BINARY, connect(4, "hasty").bytes()),
                RawWebSocket.frame(RawWebSocket.BINARY, Packets.PINGREQ));
        assertThat(socket.response().status()).isEqualTo(101);
        socket.expectMqttBytes("20 02 00 00 D0 00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /mqtt HTTP/1.1\r\nHost: x\r\n"})
    void givesUpOnAHandshakeThatTakesTooLong(String begun) {
        BrokerFixture.Settings settings = settings(webSocket("tcp"));
        settings.connectTimeout = Duration.ofMillis(200);
        try (BrokerFixture broker = settings.start();
                RawWebSocket slow = new RawWebSocket(broker.address())) {
            slow.send(begun.getBytes(US_ASCII));
            slow.expectEnd();
            await().until(() -> broker.metric("muster.connections") == 0);
        }
    }

    @Test
    void givesUpOnAClientThatSendsNoConnectAfterIt() {
        BrokerFixture.Settings settings = settings(webSocket("tcp"));
        settings.connectTimeout = Duration.ofMillis(200);
        try (BrokerFixture broker = settings.start();
                RawWebSocket silent = RawWebSocket.open(broker.address())) {
            silent.expectClose(1000);
        }
    }
}
