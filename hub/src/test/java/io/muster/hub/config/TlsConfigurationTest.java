package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TlsConfigurationTest extends ConfigurationFile {

    private static final String WITHOUT = "certificates.authority.enabled = false\n";

    @Test
    void speaksTlsOnThePortOfThePresetOnceItCanDemandCertificates() {
        String certificates =
                """
                listeners = [{ name = tcp, port = 1883 }]
                certificates.authority.enabled = false
                listener-presets = enos
                tls.certificates = [{ certificate-file = server.pem, key-file = server.key }]
                """;
        assertThat(load(certificates).hub().broker().listeners()).hasSize(2);
        assertThat(
                        load(certificates + "tls.client-ca-file = clients.pem")
                                .hub()
                                .broker()
                                .listeners())
                .extracting(ListenerConfig::name, ListenerConfig::port, ListenerConfig::tls)
                .containsExactly(
                        tuple("tcp", 1883, Optional.empty()),
                        tuple("enos", 11883, Optional.empty()),
                        tuple("enos-tls", 18883, Optional.of(TlsMode.MUTUAL)));
    }

    @Test
    void isReadFromTheFile() {
        HubConfig hub =
                load("""
                        listeners = [
                          { name = safe, type = tls, port = 8883 }
                          { name = both, type = mtls, port = 8884, proxy-protocol = required }
                          { name = web, type = wss, port = 8084, path = /iot }
                        ]
                        tls {
                          provider = jdk
                          certificates = [{ certificate-file = a.pem, key-file = a.key }]
                          client-ca-file = clients.pem
                          handshake-timeout = 3s, handshakes-max = 4, reload-interval = 5m
                        }
                        """)
                        .hub();
        assertThat(hub.tls())
                .isEqualTo(
                        new HubConfig.Tls(
                                TlsProvider.JDK,
                                List.of(
                                        new HubConfig.Tls.CertificateFiles(
                                                Path.of("a.pem"), Path.of("a.key"))),
                                Optional.of(Path.of("clients.pem")),
                                Duration.ofSeconds(3),
                                4,
                                Duration.ofMinutes(5)));
        assertThat(hub.broker().listeners())
                .extracting(ListenerConfig::tls)
                .containsExactly(
                        Optional.of(TlsMode.SERVER),
                        Optional.of(TlsMode.MUTUAL),
                        Optional.of(TlsMode.SERVER));
        assertThat(hub.broker().listeners().get(2).webSocket().orElseThrow().path())
                .isEqualTo("/iot");
        assertThat(hub.plainListener()).isEmpty();
        assertThat(load("").hub().tls()).isEqualTo(HubConfig.Tls.NONE);
    }

    @Test
    void wantsACertificateForWhoeverSpeaksTls() {
        assertThat(problems(WITHOUT + "listeners = [{ name = safe, port = 8883, type = tls }]"))
                .singleElement()
                .asString()
                .contains(
                        "tls.certificates = ",
                        "must be at least one certificate, since listener safe is of type = tls");
        assertThat(problems(WITHOUT + "listeners = [{ name = web, port = 8084, type = wss }]"))
                .singleElement()
                .asString()
                .contains(
                        "since listener web is of type = wss and certificates.authority.enabled = false");
        assertThat(
                        problems(
                                WITHOUT
                                        + """
                                listeners = [{ name = safe, port = 8884, type = mtls }]
                                tls.certificates = [{ certificate-file = a, key-file = b }]
                                """))
                .singleElement()
                .asString()
                .contains(
                        "tls.client-ca-file = \"\": must be the path of a file, since listener safe"
                                + " is of type = mtls");
    }

    @Test
    void saysWhatACertificateIsMadeOf() {
        assertThat(problems("tls.certificates = [{ certificate-file = a, key = b }]"))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("tls.certificates.0.key-file is missing"),
                        line ->
                                assertThat(line)
                                        .contains(
                                                "tls.certificates.0.key = ******: unknown key;"
                                                        + " allowed are certificate-file, key-file"));
        assertThat(problems("tls { provider = gnutls, handshakes-max = 0, reload-interval = 1 }"))
                .satisfiesExactlyInAnyOrder(
                        line ->
                                assertThat(line)
                                        .contains(
                                                "tls.provider = gnutls: must be one of: auto,"
                                                        + " openssl, jdk"),
                        line -> assertThat(line).contains("tls.handshakes-max = 0: must be"),
                        line -> assertThat(line).contains("tls.reload-interval = 1: must be"));
    }
}
