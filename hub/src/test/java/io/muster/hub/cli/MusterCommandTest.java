package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.loadtest.fleet.Hub;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class MusterCommandTest {

    private static final String[] COMMANDS = {
        "start",
        "check",
        "product",
        "device",
        "app",
        "sign",
        "client",
        "bar",
        "drain",
        "demo",
        "loadtest"
    };

    @Test
    void showsAllCommandsInItsHelp() {
        CommandRun help = CommandRun.of(Map.of(), "", "--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains(COMMANDS).contains("version").doesNotContain("rehearse");
    }

    @ParameterizedTest
    @FieldSource("COMMANDS")
    void explainsACommand(String name) {
        CommandRun help = CommandRun.of(Map.of(), "", name, "--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).startsWith("Usage: muster " + name);
    }

    @Test
    void doesNotTakeACommandForAFile() {
        CommandRun run = CommandRun.of(Map.of(), "", "--config", "loadtest", "check");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--config", "loadtest");
    }

    /** Not only whether the paths are paths. */
    @Test
    void checksTheFilesOfTls() {
        CommandRun run =
                CommandRun.of(
                        Map.of(
                                "MUSTER_TLS_CERTIFICATES_0_CERTIFICATE_FILE",
                                "/nowhere/server.pem",
                                "MUSTER_TLS_CERTIFICATES_0_KEY_FILE",
                                "/nowhere/server.key"),
                        "",
                        "check");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "tls.certificates.0.certificate-file = /nowhere/server.pem: cannot be read:"
                                + " there is no such file",
                        "tls.certificates.0.key-file = /nowhere/server.key: cannot be read");
    }

    @Test
    void suggestsACommandForOneThatIsMisspelt() {
        CommandRun run = CommandRun.of(Map.of(), "", "devcie", "list");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("device");
    }

    @Test
    void putsLoadOnTheHubOfItsOwnConfiguration() {
        Map<String, String> environment =
                Map.of(
                        "MUSTER_DATA", "/var/lib/muster",
                        "MUSTER_LISTENERS_0_PORT", "31883",
                        "MUSTER_MANAGEMENT_PORT", "31080");
        assertThat(new MusterCommand(environment, InputStream.nullInputStream()).hubUnderLoad())
                .isEqualTo(
                        new Hub(
                                "127.0.0.1",
                                31_883,
                                URI.create("http://127.0.0.1:31080"),
                                Path.of("/var/lib/muster/operator-token")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{name=a, port=1, type=ws}, {name=b, port=2}, {name=c, port=3}]           | 2",
                "[{name=a, port=1, proxy-protocol=required}, {name=b, port=2}]             | 2",
                "[{name=a, port=1, type=ws, proxy-protocol=required}, {name=b, port=2}]    | 2",
                // Only who stands before these can be spoken to.
                "[{name=a, port=1, proxy-protocol=required}, {name=b, port=2, type=ws}]    | 1",
            })
    void putsLoadOnTheFirstListenerThatSpeaksMqttFromTheFirstByte(String listeners, int port) {
        Map<String, String> environment = Map.of("MUSTER_LISTENERS", listeners);

        assertThat(
                        new MusterCommand(environment, InputStream.nullInputStream())
                                .hubUnderLoad()
                                .port())
                .isEqualTo(port);
    }
}
