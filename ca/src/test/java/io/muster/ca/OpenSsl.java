package io.muster.ca;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command openssl, whose word on certificates is that of most clients. */
public final class OpenSsl {

    private OpenSsl() {}

    /** Skips a test where there is none. */
    public static void assumeInstalled() throws IOException, InterruptedException {
        boolean installed;
        try {
            installed = run(List.of("openssl", "version")).exit() == 0;
        } catch (IOException missing) {
            installed = false;
        }
        Requirement.OPENSSL.check(installed, "no openssl here");
    }

    /** How a command has ended. */
    public record Result(int exit, String output) {}

    /** Runs a command with these arguments. */
    public static Result openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.add(0, "openssl");
        return run(command);
    }

    private static Result run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }
}
