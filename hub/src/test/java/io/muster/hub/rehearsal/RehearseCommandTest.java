package io.muster.hub.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearseCommandTest {

    @TempDir private Path folder = Path.of("");

    /** The demonstration with a hub that has nothing of the operator's: see the command. */
    @Test
    void playsTheDemonstrationAndLeavesNothingBehind() throws Exception {
        assertThat(new RehearseCommand(folder).call()).isZero();
        assertThat(folder).isEmptyDirectory();
    }
}
