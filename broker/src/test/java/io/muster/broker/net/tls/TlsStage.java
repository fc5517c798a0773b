package io.muster.broker.net.tls;

import io.muster.auth.spi.AuthResult;
import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.RawClient;
import io.muster.broker.net.proxy.Network;
import io.muster.broker.net.proxy.ProxySettings;
import io.muster.broker.net.tls.Pki.Authority;
import io.muster.broker.net.tls.Pki.Issued;
import io.muster.broker.net.websocket.WebSocketSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A broker with the listeners {@code tls}, {@code mtls}, {@code wss} and {@code proxied}, and those
 * who issue its certificates and those of its clients.
 */
final class TlsStage implements AutoCloseable {

    static final Authority SERVERS = new Authority("servers");
    static final Authority CLIENTS = new Authority("clients");
    static final Issued SERVER =
            SERVERS.server(Pki.ecKey(), "localhost", "127.0.0.1", "hub.example");
    static final Issued CLIENT = CLIENTS.client("device1");

    final Judge judge = new Judge(CLIENTS.trust());

    /** What clients showed with their CONNECT. */
    final List<List<X509Certificate>> shown = new CopyOnWriteArrayList<>();

    /** What the broker shows from the next renewal on. */
    volatile List<ServerCertificate> certificates = List.of(SERVER.asServer());

    private final BrokerFixture broker;

    /** What a test may want to be different. */
    static final class Settings {
        TlsProvider provider = TlsProvider.AUTO;
        List<ServerCertificate> certificates = List.of(SERVER.asServer());
        Duration handshakeTimeout = Duration.ofSeconds(10);
        int handshakesMax = 1_000;
        Duration connectTimeout = Duration.ofSeconds(10);
    }

    TlsStage(TlsProvider provider) {
        this(settings -> settings.provider = provider);
    }

    TlsStage(Consumer<Settings> change) {
        Settings wanted = new Settings();
        change.accept(wanted);
        certificates = wanted.certificates;
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.connectTimeout = wanted.connectTimeout;
        settings.packetBytesMax = 8 << 20;
        settings.listeners =
                List.of(
                        listener("tls", TlsMode.SERVER, Optional.empty(), Optional.empty()),
                        listener("mtls", TlsMode.MUTUAL, Optional.empty(), Optional.empty()),
                        listener(
                                "wss",
                                TlsMode.SERVER,
                                Optional.of(new WebSocketSettings("/mqtt", Set.of())),
                                Optional.empty()),
                        listener(
                                "proxied",
                                TlsMode.SERVER,
                                Optional.empty(),
                                Optional.of(
                                        new ProxySettings(List.of(Network.parse("127.0.0.0/8"))))));
        settings.tls =
                new TlsSettings(
                        wanted.provider,
                        () -> certificates,
                        () -> judge,
                        wanted.handshakeTimeout,
                        wanted.handshakesMax);
        settings.authenticator =
                credentials -> {
                    shown.add(new ArrayList<>(credentials.peerCertificates()));
                    return CompletableFuture.completedFuture(
                            AuthResult.accept(BrokerFixture.anybody()));
                };
        broker = settings.start();
    }

    private static ListenerConfig listener(
            String name,
            TlsMode mode,
            Optional<WebSocketSettings> webSocket,
            Optional<ProxySettings> proxy) {
        return new ListenerConfig(name, "127.0.0.1", 0, webSocket, proxy, Optional.of(mode));
    }

    BrokerFixture broker() {
        return broker;
    }

    InetSocketAddress address(String listener) {
        return broker.address(listener);
    }

    /** A client that trusts the server and shows nothing. */
    static SSLContext stranger() {
        return SERVERS.context();
    }

    /** One that shows a certificate. */
    static SSLContext showing(Issued certificate) {
        return SERVERS.context(certificate);
    }

    /** A socket with a handshake before it, of one version or several. */
    SSLSocket socket(String listener, SSLContext context, String... versions) {
        try {
            SSLSocket socket =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket("localhost", address(listener).getPort());
            socket.setSoTimeout(10_000);
            if (versions.length > 0) {
                socket.setEnabledProtocols(versions);
            }
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawClient client(String listener, SSLContext context, String... versions) {
        return RawClient.over(socket(listener, context, versions));
    }

    /** Handshakes that ended so, on all listeners. */
    double handshakes(String outcome) {
        return broker.metricOrZero("muster.tls.handshakes", "outcome", outcome);
    }

    @Override
    public void close() {
        broker.close();
    }
}
