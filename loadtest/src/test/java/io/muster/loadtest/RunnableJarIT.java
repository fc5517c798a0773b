package io.muster.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.FaultyRelay.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar that people get, in a Java process of its own. */
class RunnableJarIT {

    @ParameterizedTest
    @ValueSource(strings = {"--client netty --protocol 5 --qos 2", "--client paho --qos 1"})
    void doesARun(String options) throws IOException, InterruptedException {
        try (FaultyRelay relay = new FaultyRelay(Fault.NONE)) {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-jar",
                                    System.getProperty("loadtest.jar", "no jar"),
                                    "pubsub",
                                    "--port",
                                    "" + relay.port()));
            command.addAll(
                    Arrays.asList(
                            ("--anonymous --devices 2 --warmup 0 --duration 0.3 --json " + options)
                                    .split(" ", -1)));
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(out).isZero();
            assertThat(new ObjectMapper().readTree(out).at("/counts/received").asLong())
                    .isPositive();
        }
    }
}
