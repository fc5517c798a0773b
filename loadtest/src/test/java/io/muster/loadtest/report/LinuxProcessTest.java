package io.muster.loadtest.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxProcessTest {

    private final Path proc;

    LinuxProcessTest(@TempDir Path proc) {
        this.proc = proc;
    }

    @BeforeEach
    void makeFolder() throws IOException {
        Files.createDirectory(proc.resolve("42"));
    }

    private LinuxProcess process(String stat, String status) throws IOException {
        Files.writeString(proc.resolve("42/stat"), stat);
        Files.writeString(proc.resolve("42/status"), status);
        return new LinuxProcess(proc, 42);
    }

    @Test
    void readsTimesBehindACommandNameWithBlanksAndBrackets() throws IOException {
        LinuxProcess.Usage usage =
                process(
                                "42 (my) (broker 1) S 1 42 42 0 -1 4194560 1 2 3 4 150 25 8 9 20 0\n",
                                "Name:\tbroker\nVmHWM:\t  9999 kB\nVmRSS:\t   2048 kB\n")
                        .usage();
        assertThat(usage.cpuMicros()).isEqualTo(1_750_000);
        assertThat(usage.residentBytes()).isEqualTo(2 << 20);
    }

    @Test
    void refusesAnotherFormat() throws IOException {
        LinuxProcess process = process("42 (x) S 1", "");
        assertThatThrownBy(process::usage).hasMessageContaining("is not in the format of proc(5)");
    }

    @Test
    void failsWhenTheProcessIsNotThere() {
        assertThatThrownBy(() -> new LinuxProcess(proc, 43).usage())
                .isInstanceOf(IOException.class);
    }
}
