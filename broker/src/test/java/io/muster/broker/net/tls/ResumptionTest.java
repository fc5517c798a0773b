package io.muster.broker.net.tls;

import static io.muster.broker.Packets.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A session that is resumed is as good as a new one, and not better. */
class ResumptionTest {

    static Stream<Arguments> everyWay() {
        return Stream.of(TlsProvider.OPENSSL, TlsProvider.JDK)
                .flatMap(
                        provider ->
                                Stream.of("TLSv1.2", "TLSv1.3")
                                        .map(version -> Arguments.of(provider, version)));
    }

    private static void signIn(TlsStage stage, SSLContext device, String version) {
        RawClient client = stage.client("mtls", device, version).speaking(4);
        client.connect(connect(4, "device1"));
        client.send(Packets.DISCONNECT).expectClosed();
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void showsTheSameCertificatesAtConnect(TlsProvider provider, String version) {
        try (TlsStage stage = new TlsStage(provider)) {
            SSLContext device = TlsStage.showing(TlsStage.CLIENT);
            signIn(stage, device, version);
            signIn(stage, device, version);

            assertThat(stage.judge.full).hasValue(1);
            assertThat(stage.judge.resumed).hasValue(1);
            assertThat(stage.shown)
                    .hasSize(2)
                    .allSatisfy(
                            chain ->
                                    assertThat(chain)
                                            .isEqualTo(List.of(TlsStage.CLIENT.certificate())));
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void isRefusedToWhoIsTrustedNoMore(TlsProvider provider, String version) {
        try (TlsStage stage = new TlsStage(provider)) {
            SSLContext device = TlsStage.showing(TlsStage.CLIENT);
            signIn(stage, device, version);
            stage.judge.revoke(TlsStage.CLIENT.certificate());

            assertRefused(stage, device, version);
            assertThat(stage.judge.resumed).hasValue(1);

            // With nothing to resume likewise.
            assertRefused(stage, TlsStage.showing(TlsStage.CLIENT), version);
            assertThat(stage.judge.full).hasValue(2);
            assertThat(stage.shown).hasSize(1);
            await().until(() -> stage.handshakes("certificate_refused") == 2);
        }
    }

    private static void assertRefused(TlsStage stage, SSLContext device, String version) {
        assertThatThrownBy(
                        () -> {
                            var socket = stage.socket("mtls", device, version);
                            socket.getOutputStream().write(connect(4, "device1").bytes());
                            assertThat(socket.getInputStream().read()).isNegative();
                            throw new IOException("closed");
                        })
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void isNotPossibleWithWhatTookThePlaceOfItsContext(TlsProvider provider, String version) {
        try (TlsStage stage = new TlsStage(provider)) {
            SSLContext device = TlsStage.showing(TlsStage.CLIENT);
            signIn(stage, device, version);
            stage.broker().broker().renewTls();
            signIn(stage, device, version);

            assertThat(stage.judge.full).hasValue(2);
            assertThat(stage.judge.resumed).hasValue(0);
        }
    }
}
