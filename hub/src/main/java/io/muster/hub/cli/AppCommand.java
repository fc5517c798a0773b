package io.muster.hub.cli;

import io.muster.devices.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster app}: the accounts of applications. */
@Command(name = "app", description = "Creates accounts of applications.")
final class AppCommand {

    /** Where the password comes from that is not made here; at most one of them. */
    static final class PasswordSource {

        @Option(
                names = "--password-stdin",
                description = "Takes the password from the first line of standard input.")
        @SuppressWarnings(
                "UnusedVariable") // Picocli takes care that it is this one if not the other.
        private boolean standardInput;

        @Option(
                names = "--password-prompt",
                interactive = true,
                description = "Asks for the password, which is not shown.")
        private char @Nullable [] typed;

        String read(MusterCommand muster) {
            return typed == null ? muster.readLine() : new String(typed);
        }
    }

    @Command(
            name = "create",
            description = "Creates the account of an application; a password made is shown once.")
    int create(
            @Mixin ApiOptions api,
            @ArgGroup @Nullable PasswordSource source,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        String password = source == null ? Secret.generate().reveal() : source.read(api.muster());
        api.client().post(Map.of("username", username, "password", password), "applications");
        Map<String, String> account = new LinkedHashMap<>();
        account.put("username", username);
        if (source == null) {
            account.put("password", password);
        }
        api.output().show(account);
        return Muster.FINE;
    }
}
