package io.muster.ca.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.Requirement;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A token of SoftHSM in a folder. The library is told where by {@code SOFTHSM2_CONF}, which the
 * build sets for the process of the tests.
 */
record SoftHsm(Path library) {

    static final String PIN = "482915";

    /** Makes an empty token, or skips the test where there is no SoftHSM. */
    static SoftHsm create(Path folder) throws IOException, InterruptedException {
        Optional<Path> command = command();
        Optional<Path> library = command.flatMap(SoftHsm::libraryOf);
        String configuration = System.getenv("SOFTHSM2_CONF");
        boolean there = library.isPresent() && configuration != null;
        Requirement.SOFTHSM.check(there, "no softhsm2-util with its library here");
        Files.writeString(
                Path.of(configuration),
                "directories.tokendir = " + folder + "\nobjectstore.backend = file\n");
        Process process =
                new ProcessBuilder(
                                command.orElseThrow().toString(),
                                "--module",
                                library.orElseThrow().toString(),
                                "--init-token",
                                "--free",
                                "--label",
                                "muster",
                                "--so-pin",
                                "739104",
                                "--pin",
                                PIN)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return new SoftHsm(library.orElseThrow());
    }

    private static Optional<Path> command() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, "softhsm2-util"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Where it is installed, or unpacked, beside the command. */
    private static Optional<Path> libraryOf(Path command) {
        Path libraries = command.toAbsolutePath().resolve("../../lib").normalize();
        try (Stream<Path> files =
                Files.find(libraries, 3, (file, any) -> file.endsWith("softhsm/libsofthsm2.so"))) {
            return files.findFirst();
        } catch (IOException missing) {
            return Optional.empty();
        }
    }
}
