package io.muster.hub.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.FirstStart;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the start tells people who are to try the hub. */
class StartReportTest {

    private static final FirstStart FIRST =
            new FirstStart("demo", "demo-device", "secret", "demo-application", "password");

    private static List<String> whatToTry(Optional<String> plain) {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        addresses.put("browsers", InetSocketAddress.createUnresolved("127.0.0.1", 8083));
        addresses.put("balanced", InetSocketAddress.createUnresolved("127.0.0.1", 1884));
        addresses.put("plain", InetSocketAddress.createUnresolved("127.0.0.1", 1883));
        return new StartReport(
                        addresses,
                        plain,
                        InetSocketAddress.createUnresolved("127.0.0.1", 8080),
                        Optional.empty(),
                        Path.of("data"),
                        "./muster",
                        "")
                .whatToTry(FIRST);
    }

    @Test
    void showsCommandsForTheListenerThatTheySpeakTo() {
        assertThat(whatToTry(Optional.of("plain")))
                .anyMatch(line -> line.contains("mosquitto_sub -h 127.0.0.1 -p 1883 "))
                .anyMatch(line -> line.contains("mosquitto_pub -h 127.0.0.1 -p 1883 "))
                .anyMatch(line -> line.equals("  ./muster demo"))
                .noneMatch(line -> line.contains("8083") || line.contains("1884"));
    }

    @Test
    void showsNoCommandIfThereIsNoSuchListenerAndSaysWhy() {
        assertThat(whatToTry(Optional.empty()))
                .noneMatch(line -> line.contains("mosquitto") || line.contains("muster demo"))
                .anyMatch(line -> line.contains("listener of type tcp without proxy-protocol"));
    }
}
