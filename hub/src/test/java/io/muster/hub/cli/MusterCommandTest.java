package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.loadtest.LoadTestCommand;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MusterCommandTest {

    @Test
    void putsLoadOnTheHubOfItsOwnConfiguration() {
        Map<String, String> environment =
                Map.of(
                        "MUSTER_DATA", "/var/lib/muster",
                        "MUSTER_LISTENERS_0_PORT", "31883",
                        "MUSTER_MANAGEMENT_PORT", "31080");
        assertThat(new MusterCommand(environment, InputStream.nullInputStream()).hubUnderLoad())
                .isEqualTo(
                        new LoadTestCommand.Hub(
                                "127.0.0.1",
                                31_883,
                                URI.create("http://127.0.0.1:31080"),
                                Path.of("/var/lib/muster/operator-token")));
    }
}
