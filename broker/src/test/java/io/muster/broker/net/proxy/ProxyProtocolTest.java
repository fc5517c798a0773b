package io.muster.broker.net.proxy;

import static io.muster.broker.Packets.connect;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Credentials;
import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.net.websocket.RawWebSocket;
import io.muster.broker.net.websocket.WebSocketSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Listeners behind proxies: whose address counts, and what is no PROXY header. */
class ProxyProtocolTest {

    private static final String SIGNATURE = "0D0A0D0A000D0A515549540A";
    private static final BlockingQueue<Credentials> ASKED = new LinkedBlockingQueue<>();
    private static final BrokerFixture BROKER = start();

    private static BrokerFixture start() {
        BrokerFixture.Settings settings = settings();
        settings.listeners =
                List.of(
                        behindProxies("tcp", Optional.empty(), "127.0.0.0/8"),
                        behindProxies(
                                "ws",
                                Optional.of(new WebSocketSettings("/mqtt", Set.of())),
                                "127.0.0.1"),
                        behindProxies("far", Optional.empty(), "192.0.2.0/24", "::1"));
        return settings.start();
    }

    private static BrokerFixture.Settings settings() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials -> {
                    ASKED.add(credentials);
                    return CompletableFuture.completedFuture(
                            AuthResult.accept(BrokerFixture.anybody()));
                };
        settings.listeners = List.of(behindProxies("tcp", Optional.empty(), "127.0.0.1/32"));
        return settings;
    }

    private static ListenerConfig behindProxies(
            String name, Optional<WebSocketSettings> webSocket, String... trusted) {
        List<Network> networks = List.of(trusted).stream().map(Network::parse).toList();
        return new ListenerConfig(
                name, "127.0.0.1", 0, webSocket, Optional.of(new ProxySettings(networks)));
    }

    @AfterAll
    static void close() {
        BROKER.close();
    }

    /** The header's bytes: text as it stands, with its line end, or a signature and hex. */
    private static byte[] header(String text) {
        return text.startsWith("v2 ")
                ? HexFormat.of().parseHex(SIGNATURE + text.substring(3).replace(" ", ""))
                : (text + "\r\n").getBytes(US_ASCII);
    }

    private static InetSocketAddress addressAsked() throws InterruptedException {
        Credentials credentials = ASKED.poll(10, TimeUnit.SECONDS);
        assertThat(credentials).as("sign-in was asked").isNotNull();
        return credentials.remoteAddress();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PROXY TCP4 203.0.113.7 192.0.2.1 4711 1883 | 203.0.113.7 | 4711",
                "PROXY TCP6 2001:db8::7 2001:db8::1 4711 1883 | 2001:db8:0:0:0:0:0:7 | 4711",
                "v2 21 11 000C CB007107 C0000201 1267 075B | 203.0.113.7 | 4711",
                "v2 21 21 0024 20010DB8000000000000000000000007 20010DB8000000000000000000000001"
                        + " 1267 075B | 2001:db8:0:0:0:0:0:7 | 4711",
                // With extensions: an authority, a checksum that nobody asked to check, padding.
                "v2 21 11 001F CB007107 C0000201 1267 075B 02000161 03000400000000 04000500000000 00"
                        + " | 203.0.113.7 | 4711",
            })
    void signInSeesTheAddressInTheHeader(String header, String address, int port)
            throws InterruptedException {
        RawClient client = BROKER.raw();
        client.send(header(header), connect(4, "behind").bytes()).expectConnack(false);
        InetSocketAddress asked = addressAsked();
        assertThat(asked.getAddress().getHostAddress()).isEqualTo(address);
        assertThat(asked.getPort()).isEqualTo(port);
        client.send(Packets.PINGREQ).expect("D0 00").close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY UNKNOWN",
                "PROXY UNKNOWN ",
                "PROXY UNKNOWN ffff::1 ffff::2 1 2",
                "v2 20 00 0000",
                "v2 20 11 000C CB007107 C0000201 1267 075B",
                "v2 21 00 0000",
            })
    void keepsTheSocketsAddressIfTheHeaderNamesNone(String header) throws InterruptedException {
        RawClient client = BROKER.raw();
        client.send(header(header), connect(4, "local").bytes()).expectConnack(false);
        assertThat(addressAsked().getAddress().isLoopbackAddress()).isTrue();
        client.close();
    }

    @Test
    void keepsTheSocketsAddressIfTheClientHasNoIpAddress() throws InterruptedException {
        RawClient client = BROKER.raw();
        String unix = "v2 21 31 00D8" + "2F".repeat(216);
        client.send(header(unix), connect(4, "unix").bytes()).expectConnack(false);
        assertThat(addressAsked().getAddress().isLoopbackAddress()).isTrue();
        client.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.7 192.0.2.1 4711 1883",
                "v2 21 11 000C CB007107 C0000201 1267 075B",
            })
    void takesAHeaderThatComesInPieces(String header) throws InterruptedException {
        RawClient client = BROKER.raw();
        for (byte each : header(header)) {
            client.send(new byte[] {each});
        }
        client.send(connect(4, "pieces").bytes()).expectConnack(false);
        assertThat(addressAsked().getPort()).isEqualTo(4711);
        client.close();
    }

    @Test
    void goesBeforeTheWebSocketHandshake() throws InterruptedException {
        try (RawWebSocket socket = new RawWebSocket(BROKER.address("ws"))) {
            socket.send(
                    header("PROXY TCP4 203.0.113.7 192.0.2.1 4711 1883"),
                    new RawWebSocket.Handshake().bytes());
            assertThat(socket.response().status()).isEqualTo(101);
            socket.connect(connect(4, "behind-web"));
            assertThat(addressAsked().getHostString()).isEqualTo("203.0.113.7");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY",
                "PROXY TCP4",
                "PROXY TCP5 203.0.113.7 192.0.2.1 4711 1883",
                "PROXY UDP4 203.0.113.7 192.0.2.1 4711 1883",
                "PROXY TCP4 203.0.113.777 192.0.2.1 4711 1883",
                "PROXY TCP4 2001:db8::7 192.0.2.1 4711 1883",
                "PROXY TCP6 203.0.113.7 192.0.2.1 4711 1883",
                "PROXY TCP4 localhost localhost 4711 1883",
                "PROXY TCP4 203.0.113.7 192.0.2.1 65536 1883",
                "PROXY TCP4 203.0.113.7 192.0.2.1 -1 1883",
                "PROXY TCP4 203.0.113.7 192.0.2.1 4711",
                "proxy TCP4 203.0.113.7 192.0.2.1 4711 1883",
                "PROXY TCP4 203.0.113.7 192.0.2.1 4711 1883 and so on, for much longer than a line of this"
                        + " kind may be by the protocol",
                "PROXY TCP4 203.0.113.7 192.0.2.1 4711 1883 ",
                "PROXY UNKNOWN and so on, for longer than the hundred and seven bytes that a line of this kind"
                        + " may have by the protocol",
                "PROXY  TCP4 203.0.113.7 192.0.2.1 4711 1883",
                "PROXY TCP4 010.8.7.6 192.0.2.1 4711 1883",
                "PROXY TCP6 fe80::1%eth0 2001:db8::1 4711 1883",
                "v2 21 12 000C CB007107 C0000201 1267 075B",
                "GET / HTTP/1.1",
                "v2 11 11 000C CB007107 C0000201 1267 075B",
                "v2 22 11 000C CB007107 C0000201 1267 075B",
                "v2 21 51 000C CB007107 C0000201 1267 075B",
                "v2 21 11 000B CB007107 C0000201 1267 07",
                "v2 21 21 000C CB007107 C0000201 1267 075B",
                "v2 21 11 0012 CB007107 C0000201 1267 075B 20 0003 000000",
            })
    void closesOnAMalformedHeaderAndSaysSoOnce(String header) {
        Logger log = (Logger) LoggerFactory.getLogger("io.muster.broker.net");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try (RawClient client = RawClient.to(BROKER.address())) {
            client.send(header(header), header(header), connect(4, "malformed").bytes());
            client.expectClosed();
            await().until(() -> BROKER.metric("muster.connections") == 0);
        } finally {
            log.detachAppender(lines);
        }
        List<ILoggingEvent> complaints =
                lines.list.stream()
                        .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                        .toList();
        assertThat(complaints).hasSize(1);
        assertThat(complaints.get(0).getThrowableProxy()).isNull();
        assertThat(complaints.get(0).getFormattedMessage())
                .startsWith("PROXY header refused address=/127.0.0.1:")
                .contains("listener=tcp detail=\"")
                .doesNotContain("\n", "\r");
        assertThat(ASKED).isEmpty();
    }

    @Test
    void closesWithoutAHeader() {
        BROKER.raw().send(connect(4, "direct").bytes()).expectClosed();
        assertThat(ASKED).isEmpty();
    }

    @Test
    void closesWhatComesFromNoTrustedProxy() {
        try (RawClient client = RawClient.to(BROKER.address("far"))) {
            client.send(connect(4, "far").bytes()).expectClosed();
        }
        assertThat(ASKED).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PROXY TCP4 203.0.113.7 192.0.2.1"})
    void givesUpOnAHeaderThatTakesTooLong(String begun) {
        BrokerFixture.Settings settings = settings();
        settings.connectTimeout = Duration.ofMillis(200);
        try (BrokerFixture broker = settings.start()) {
            broker.raw().send(begun.getBytes(US_ASCII)).expectClosed();
            await().until(() -> broker.metric("muster.connections") == 0);
        }
    }

    @Test
    void movesToAnotherLoop() throws InterruptedException {
        byte[] header = header("PROXY TCP4 203.0.113.7 192.0.2.1 4711 1883");
        for (int i = 0; i < 20; i++) {
            if (i == 1) {
                BROKER.crowdFirstLoop();
            }
            RawClient client = BROKER.raw();
            client.send(header, connect(4, "mover").resume().bytes(), Packets.PINGREQ);
            client.expectConnack(i > 0).expect("D0 00");
            assertThat(addressAsked().getPort()).isEqualTo(4711);
            client.send(Packets.DISCONNECT).expectClosed();
            client.close();
        }
    }
}
