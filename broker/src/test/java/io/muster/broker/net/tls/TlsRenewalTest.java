package io.muster.broker.net.tls;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.broker.Broker;
import io.muster.broker.BrokerFixture;
import io.muster.broker.ListenerConfig;
import io.muster.broker.RawClient;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** New certificates for new connections, while those that are there go on. */
class TlsRenewalTest {

    private static final Pki.Issued NEXT = TlsStage.SERVERS.server(Pki.ecKey(), "localhost");

    private static Certificate shownBy(TlsStage stage) {
        try (SSLSocket socket = stage.socket("tls", TlsStage.stranger())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void disturbsNoConnection(TlsProvider provider) {
        try (TlsStage stage = new TlsStage(provider);
                RawClient before = stage.client("tls", TlsStage.stranger())) {
            before.speaking(4).connect(connect(4, "before"));

            stage.certificates = List.of(NEXT.asServer());
            stage.broker().broker().renewTls();

            assertThat(shownBy(stage)).isEqualTo(NEXT.certificate());
            before.send(new byte[] {(byte) 0xC0, 0}).expect("D0 00");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void changesNothingIfWhatIsNewCannotBeUsed(TlsProvider provider) {
        try (TlsStage stage = new TlsStage(provider)) {
            stage.certificates = List.of();
            Broker broker = stage.broker().broker();
            assertThatThrownBy(broker::renewTls).isInstanceOf(IllegalArgumentException.class);
            assertThat(shownBy(stage)).isEqualTo(TlsStage.SERVER.certificate());
        }
    }

    @Test
    void showsTheDaysUntilCertificatesExpire() {
        Instant until = Instant.now().plus(Duration.ofDays(30));
        try (TlsStage stage = new TlsStage(TlsProvider.AUTO)) {
            stage.certificates =
                    List.of(TlsStage.SERVERS.server(Pki.ecKey(), until, "a.example").asServer());
            stage.broker().broker().renewTls();
            assertThat(
                            stage.broker()
                                    .metric(
                                            "muster.tls.certificate.expiry.days",
                                            "certificate",
                                            "a.example"))
                    .isBetween(29.9, 30.0);
        }
    }

    @Test
    void needsACertificateToBegin() {
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.listeners =
                List.of(
                        new ListenerConfig(
                                "safe",
                                "127.0.0.1",
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(TlsMode.SERVER)));
        assertThatThrownBy(settings::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("listener 'safe'");
    }

    /** Contexts, engines and buffers are of native memory, which nothing collects. */
    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void leaksNothing(TlsProvider provider) throws IOException {
        ResourceLeakDetector.Level usual = ResourceLeakDetector.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        log.start();
        detector.addAppender(log);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        try (TlsStage stage = new TlsStage(provider)) {
            for (int round = 0; round < 5; round++) {
                List<RawClient> clients = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    clients.add(stage.client("mtls", TlsStage.showing(TlsStage.CLIENT)));
                    clients.get(i).speaking(4).connect(connect(4, "c" + i));
                    try (SSLSocket refused = stage.socket("mtls", TlsStage.stranger())) {
                        refused.startHandshake();
                    } catch (IOException expected) {
                        // In 1.2 at once, in 1.3 later.
                    }
                }
                stage.broker().broker().renewTls();
                clients.forEach(RawClient::close);
                System.gc();
            }
        } finally {
            ResourceLeakDetector.setLevel(usual);
            detector.detachAppender(log);
        }
        System.gc();
        io.netty.buffer.PooledByteBufAllocator.DEFAULT.directBuffer().release();
        assertThat(log.list).isEmpty();
    }
}
