package io.muster.broker.net.tls;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who does not get on with his handshake costs little, and not for long. */
class HandshakeLimitsTest {

    private static final Duration SOON = Duration.ofSeconds(5);

    /** A first message that a client of Java sends, without the rest of the conversation. */
    private static byte[] hello() throws IOException {
        try (var server = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread client =
                    new Thread(
                            () -> {
                                try (var socket =
                                        TlsStage.stranger()
                                                .getSocketFactory()
                                                .createSocket("localhost", server.getLocalPort())) {
                                    ((javax.net.ssl.SSLSocket) socket).startHandshake();
                                } catch (IOException expected) {
                                    // Nobody answers.
                                }
                            });
            client.start();
            try (Socket accepted = server.accept()) {
                byte[] head = accepted.getInputStream().readNBytes(5);
                int length = ((head[3] & 0xFF) << 8) | (head[4] & 0xFF);
                byte[] all = Arrays.copyOf(head, 5 + length);
                System.arraycopy(accepted.getInputStream().readNBytes(length), 0, all, 5, length);
                return all;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void endsAHandshakeThatTakesTooLong(TlsProvider provider) throws IOException {
        try (TlsStage stage =
                new TlsStage(
                        settings -> {
                            settings.provider = provider;
                            settings.handshakeTimeout = Duration.ofMillis(300);
                        })) {
            try (RawClient silent = RawClient.to(stage.address("tls"));
                    RawClient halfway = RawClient.to(stage.address("tls"))) {
                halfway.send(hello());
                silent.expectClosedWithin(SOON);
                await().atMost(SOON).until(() -> stage.handshakes("timed_out") == 2);
            }
            await().until(() -> stage.broker().metric("muster.connections") == 0);
            assertThat(stage.broker().metric("muster.tls.handshakes.current")).isZero();
        }
    }

    /** The time for a CONNECT begins when the client can send one. */
    @Test
    void waitsForConnectAfterTheHandshake() {
        try (TlsStage stage =
                new TlsStage(settings -> settings.connectTimeout = Duration.ofMillis(300))) {
            RawClient silent = RawClient.to(stage.address("tls"));
            try (RawClient idle = stage.client("tls", TlsStage.stranger())) {
                idle.expectClosedWithin(SOON);
                // No handshake was begun: that may take its ten seconds.
                await().pollDelay(Duration.ofMillis(400))
                        .until(() -> stage.broker().metric("muster.connections") == 1);
            }
            silent.close();
            assertThat(stage.handshakes("timed_out")).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENSSL", "JDK"})
    void closesWhoComesWhileTooManyAreUnderWay(TlsProvider provider) throws IOException {
        try (TlsStage stage =
                new TlsStage(
                        settings -> {
                            settings.provider = provider;
                            settings.handshakesMax = 3;
                        })) {
            byte[] hello = hello();
            List<RawClient> halfway = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                halfway.add(RawClient.to(stage.address("tls")).send(hello));
            }
            await().until(() -> stage.broker().metric("muster.tls.handshakes.current") == 3);
            try (RawClient fourth = RawClient.to(stage.address("tls")).send(hello)) {
                fourth.expectClosedWithin(SOON);
            }
            assertThat(stage.handshakes("too_many")).isEqualTo(1);

            // Who has not said a word takes no place, and whoever leaves makes room.
            RawClient silent = RawClient.to(stage.address("tls"));
            halfway.remove(0).close();
            await().until(() -> stage.broker().metric("muster.tls.handshakes.current") == 2);
            RawClient next = stage.client("tls", TlsStage.stranger());
            next.speaking(4).connect(connect(4, "next"));
            next.close();
            silent.close();
            halfway.forEach(RawClient::close);
            await().until(() -> stage.broker().metric("muster.tls.handshakes.current") == 0);
            await().until(() -> stage.handshakes("closed") >= 3);
        }
    }

    @Test
    void survivesAFloodOfHalfOpenHandshakes() throws IOException {
        try (TlsStage stage = new TlsStage(settings -> settings.handshakesMax = 50)) {
            byte[] hello = hello();
            List<Socket> flood = new ArrayList<>();
            try {
                for (int i = 0; i < 300; i++) {
                    Socket socket =
                            new Socket(
                                    InetAddress.getLoopbackAddress(),
                                    stage.address("tls").getPort());
                    socket.getOutputStream().write(hello);
                    flood.add(socket);
                }
                await().until(() -> stage.handshakes("too_many") == 250);
                assertThat(stage.broker().metric("muster.tls.handshakes.current")).isEqualTo(50);
            } finally {
                for (Socket each : flood) {
                    each.close();
                }
            }
            await().until(() -> stage.broker().metric("muster.connections") == 0);
            try (RawClient next = stage.client("tls", TlsStage.stranger())) {
                next.speaking(4).connect(connect(4, "next"));
            }
        }
    }
}
