package io.muster.hub.cli.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which arguments are those of a plain start, that picocli need not read. */
class HubOptionsTest {

    private static Optional<HubOptions> of(String arguments) {
        return HubOptions.ofPlainStart(List.of(arguments.split(" ")));
    }

    private static Optional<HubOptions> options(String config, String data) {
        return Optional.of(
                new HubOptions(
                        Optional.of(config).filter(text -> !text.isEmpty()).map(Path::of),
                        Optional.of(data).filter(text -> !text.isEmpty()).map(Path::of)));
    }

    @Test
    void nothingAtAllIsAPlainStart() {
        assertThat(HubOptions.ofPlainStart(List.of())).isEqualTo(options("", ""));
        assertThat(of("start")).isEqualTo(options("", ""));
    }

    @Test
    void theOptionsMayStandInAnyOrder() {
        assertThat(of("start --config a.conf")).isEqualTo(options("a.conf", ""));
        assertThat(of("--data d --config a.conf")).isEqualTo(options("a.conf", "d"));
        assertThat(of("start --data start")).isEqualTo(options("", "start"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "check",
                "start --help",
                "start -h",
                "--data d start",
                "start start",
                "start --data",
                "start --data --config",
                "start --data=d",
                "start --data a --data b",
                "start --config a --config b",
                "start --date d",
                "start d",
                "start --data a\0b"
            })
    void allElseIsLeftToPicocli(String arguments) {
        assertThat(of(arguments)).isEmpty();
    }

    @Test
    void theyStandBehindACommandAsTheyWereGiven() {
        assertThat(of("--data d").orElseThrow().asArguments()).isEqualTo(" --data d");
        assertThat(of("--data d --config c").orElseThrow().asArguments())
                .isEqualTo(" --config c --data d");
        assertThat(of("start").orElseThrow().asArguments()).isEmpty();
    }
}
