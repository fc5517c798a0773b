package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearseCommandTest {

    @TempDir private Path operators = Path.of("");

    @Test
    void playsTheDemonstrationAndLeavesNothingBehind() throws IOException {
        List<Path> before = rehearsals();
        CommandRun run = CommandRun.of(Map.of(), "", "rehearse");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(Muster.FINE);
        assertThat(rehearsals()).containsExactlyElementsOf(before);
    }

    @Test
    void keepsAwayFromTheHubOfTheOperator() {
        Map<String, String> environment =
                Map.of("MUSTER_DATA", operators.toString(), "MUSTER_REGISTRY_URL", "jdbc:nonsense");
        CommandRun run = CommandRun.of(environment, "", "rehearse", "--data", operators.toString());
        assertThat(run.exitCode()).isEqualTo(Muster.FINE);
        assertThat(operators).isEmptyDirectory();
    }

    private static List<Path> rehearsals() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(
                            file -> file.getFileName().toString().startsWith("muster-rehearsal"))
                    .sorted()
                    .toList();
        }
    }
}
