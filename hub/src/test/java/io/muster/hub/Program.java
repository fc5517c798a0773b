package io.muster.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A program of this machine, run in a folder. */
public final class Program {

    private final Path folder;

    /** Skips the test if one of these cannot be run, each the name of a command. */
    public Program(Path folder, Requirement... needed) {
        this.folder = folder;
        for (Requirement each : needed) {
            String name = each.name().toLowerCase(Locale.ROOT);
            try {
                run(name, each == Requirement.OPENSSL ? "version" : "--version");
            } catch (UncheckedIOException e) {
                throw each.missing("there is no " + name + " here");
            }
        }
    }

    /** What came of it; {@code output} is also what was written to standard error. */
    public record Run(int exitCode, String output) {}

    /** Runs a command that reads nothing. */
    public Run run(String... command) {
        try {
            Path output = Files.createTempFile(folder, "program", ".out");
            Process process =
                    new ProcessBuilder(List.of(command))
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("it takes too long: " + List.of(command));
            }
            return new Run(process.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
