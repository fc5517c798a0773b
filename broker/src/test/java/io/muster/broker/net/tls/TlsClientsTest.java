package io.muster.broker.net.tls;

import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.subscribe;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** MQTT over TLS, with clients as people use them. */
class TlsClientsTest {

    /** The kind of record that a notice is (RFC 5246, section 6.2.1). */
    private static final int ALERT = 21;

    private static final TlsStage OPENSSL = new TlsStage(TlsProvider.OPENSSL);
    private static final TlsStage JDK = new TlsStage(TlsProvider.JDK);

    private static TlsStage on(TlsProvider provider) {
        return provider == TlsProvider.JDK ? JDK : OPENSSL;
    }

    @AfterAll
    static void close() {
        OPENSSL.close();
        JDK.close();
    }

    @ParameterizedTest
    @CsvSource({
        "OPENSSL,tls,ssl://localhost:%d",
        "OPENSSL,wss,wss://localhost:%d/mqtt",
        "JDK,tls,ssl://localhost:%d",
        "JDK,wss,wss://localhost:%d/mqtt"
    })
    void carriesMessagesOfPahoV3(TlsProvider provider, String listener, String uri)
            throws Exception {
        String address = uri.formatted(on(provider).address(listener).getPort());
        try (MqttClient client = new MqttClient(address, "v3", null)) {
            MqttConnectOptions options = new MqttConnectOptions();
            options.setSocketFactory(TlsStage.stranger().getSocketFactory());
            client.connect(options);
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            client.subscribe(
                    "v3/#",
                    1,
                    (topic, message) -> heard.add(new String(message.getPayload(), UTF_8)));
            client.publish("v3/a", "hello".getBytes(UTF_8), 1, false);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("hello");
            client.disconnect();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void knowsPahoV5ByItsCertificate(TlsProvider provider) throws Exception {
        TlsStage stage = on(provider);
        String uri = "ssl://localhost:" + stage.address("mtls").getPort();
        var client = new org.eclipse.paho.mqttv5.client.MqttClient(uri, "v5", null);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setSocketFactory(TlsStage.showing(TlsStage.CLIENT).getSocketFactory());
        client.connect(options);
        client.publish("v5/a", new byte[300_000], 2, false);
        client.disconnect();
        client.close();
        assertThat(stage.shown).contains(List.of(TlsStage.CLIENT.certificate()));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void carriesMessagesOfHiveMq(TlsProvider provider) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("servers", TlsStage.SERVERS.certificate());
        trust.init(store);
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .identifier("hive")
                        .serverHost("localhost")
                        .serverPort(on(provider).address("tls").getPort())
                        .sslConfig()
                        .trustManagerFactory(trust)
                        .applySslConfig()
                        .buildBlocking();
        client.connect();
        try (var publishes = client.publishes(com.hivemq.client.mqtt.MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("hive").qos(MqttQos.AT_LEAST_ONCE).send();
            client.publishWith()
                    .topic("hive")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("x".getBytes(UTF_8))
                    .send();
            assertThat(publishes.receive(10, TimeUnit.SECONDS)).isPresent();
        }
        client.disconnect();
    }

    /**
     * Sizes around a record (RFC 8446, section 5.1), and far beyond what a socket takes at once.
     */
    @ParameterizedTest
    @CsvSource({
        "OPENSSL,16300",
        "OPENSSL,16384",
        "OPENSSL,70000",
        "OPENSSL,5000000",
        "JDK,16384",
        "JDK,5000000"
    })
    void carriesMessagesOfAllSizes(TlsProvider provider, int size) {
        byte[] message = publish("size", "x".repeat(size));
        try (RawClient client = on(provider).client("tls", TlsStage.stranger())) {
            client.speaking(4).connect(connect(4, "size-" + provider));
            client.send(subscribe(1, "size", 0)).expect("90 03 00 01 00");
            client.send(message);
            assertThat(Packets.packet(0x30, client.expectType(3).body())).isEqualTo(message);
        }
    }

    /** What a turn made leaves in one write, and so in as few records as there can be. */
    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void sendsTheAnswersOfATurnInOneRecord(TlsProvider provider) throws IOException {
        TlsStage stage = on(provider);
        Overheard plain = new Overheard(stage.address("tls").getPort());
        try (RawClient client = overheard(plain, "TLSv1.2", "TLSv1.3")) {
            client.speaking(4).connect(connect(4, "turn"));
            byte[][] pings = new byte[500][];
            Arrays.fill(pings, new byte[] {(byte) 0xC0, 0});
            plain.bytes.reset();
            client.send(pings);
            for (int i = 0; i < 500; i++) {
                client.expect("D0 00");
            }
            // Two tickets and the answers, however the operating system cut what was sent.
            assertThat(plain.records()).isLessThanOrEqualTo(6);
        }
    }

    /** Remembers what came in. */
    private static final class Overheard extends Socket {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private Overheard(int port) throws IOException {
            super(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read(byte[] into, int at, int length) throws IOException {
                    int read = super.read(into, at, length);
                    bytes.write(into, at, Math.max(0, read));
                    return read;
                }

                @Override
                public int read() throws IOException {
                    int read = super.read();
                    if (read >= 0) {
                        bytes.write(read);
                    }
                    return read;
                }
            };
        }

        private int records() {
            return types().size();
        }

        private int lastRecord() {
            return types().get(records() - 1);
        }

        private List<Integer> types() {
            ByteBuffer in = ByteBuffer.wrap(bytes.toByteArray());
            List<Integer> types = new ArrayList<>();
            for (int at = 0; at + 5 <= in.limit(); at += 5 + in.getShort(at + 3)) {
                types.add((int) in.get(at));
            }
            return types;
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL,TLSv1.2", "OPENSSL,TLSv1.3", "JDK,TLSv1.2", "JDK,TLSv1.3"})
    void refusesAClientWithoutACertificateWhereOneIsDemanded(TlsProvider provider, String version) {
        TlsStage stage = on(provider);
        double before = stage.handshakes("certificate_refused");
        assertRefused(stage, TlsStage.stranger(), version);
        await().until(() -> stage.handshakes("certificate_refused") > before);
    }

    @ParameterizedTest
    @CsvSource({"OPENSSL,TLSv1.2", "OPENSSL,TLSv1.3", "JDK,TLSv1.2", "JDK,TLSv1.3"})
    void refusesACertificateOfAStranger(TlsProvider provider, String version) {
        TlsStage stage = on(provider);
        double before = stage.handshakes("certificate_refused");
        assertRefused(
                stage, TlsStage.showing(new Pki.Authority("strange").client("device1")), version);
        await().until(() -> stage.handshakes("certificate_refused") > before);
    }

    private static void assertRefused(TlsStage stage, SSLContext client, String version) {
        int before = stage.shown.size();
        assertThatThrownBy(
                        () -> {
                            SSLSocket socket = stage.socket("mtls", client, version);
                            socket.getOutputStream().write(connect(4, "nobody").bytes());
                            if (socket.getInputStream().read() < 0) {
                                throw new IOException("closed");
                            }
                        })
                .isInstanceOf(IOException.class);
        assertThat(stage.shown).hasSize(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void countsClientsThatDoNotTrustTheServer(TlsProvider provider) throws IOException {
        TlsStage stage = on(provider);
        double before = stage.handshakes("alert_received");
        SSLContext suspicious = new Pki.Authority("others").context();
        try (SSLSocket socket = stage.socket("tls", suspicious)) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
        }
        await().until(() -> stage.handshakes("alert_received") > before);
    }

    /** Without it, whoever cut the connection could not be told from the broker. */
    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void endsEachConnectionWithANotice(TlsProvider provider) throws IOException {
        Overheard left = new Overheard(on(provider).address("tls").getPort());
        try (RawClient client = overheard(left, "TLSv1.2")) {
            client.speaking(4).connect(connect(4, "leaves"));
            client.send(Packets.DISCONNECT).expectClosed();
        }
        assertThat(left.lastRecord()).isEqualTo(ALERT);
        // Answered, and then closed gently: a client identifier that is not allowed.
        Overheard refused = new Overheard(on(provider).address("tls").getPort());
        try (RawClient client = overheard(refused, "TLSv1.2")) {
            client.speaking(5).send(connect(5, "bad\u0001name").bytes());
            client.expectType(2);
            client.expectClosed();
        }
        assertThat(refused.lastRecord()).isEqualTo(ALERT);
    }

    private static RawClient overheard(Overheard plain, String... versions) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        TlsStage.stranger()
                                .getSocketFactory()
                                .createSocket(plain, "localhost", plain.getPort(), true);
        socket.setEnabledProtocols(versions);
        return RawClient.over(socket);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void readsTheProxyHeaderBeforeTls(TlsProvider provider) throws IOException {
        TlsStage stage = on(provider);
        Socket plain =
                new Socket(InetAddress.getLoopbackAddress(), stage.address("proxied").getPort());
        plain.getOutputStream()
                .write("PROXY TCP4 192.0.2.7 127.0.0.1 4711 8883\r\n".getBytes(US_ASCII));
        SSLSocket socket =
                (SSLSocket)
                        TlsStage.stranger()
                                .getSocketFactory()
                                .createSocket(plain, "localhost", plain.getPort(), true);
        try (RawClient client = RawClient.over(socket)) {
            client.speaking(4).connect(connect(4, "proxied"));
            client.send(new byte[] {(byte) 0xC0, 0}).expect("D0 00");
        }
    }
}
