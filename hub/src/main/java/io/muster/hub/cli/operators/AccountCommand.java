package io.muster.hub.cli.operators;

import io.muster.devices.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster account}: the accounts of people who manage the hub. */
@Command(
        name = "account",
        description = "Creates, shows, changes and deletes accounts of people who manage the hub.")
public final class AccountCommand {

    private static final String ACCOUNTS = "accounts";
    private static final int FINE = 0;

    private final Root root;

    /** Below {@code root}. */
    public AccountCommand(Root root) {
        this.root = root;
    }

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

        String read(Root root) {
            return typed == null ? root.readLine() : new String(typed);
        }
    }

    @Command(name = "create", description = "Creates an account; a password made is shown once.")
    int create(
            @Mixin JsonOption json,
            @ArgGroup @Nullable PasswordSource source,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "What it may do: read, operate or admin.")
                    String role,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        String password = source == null ? Secret.generate().reveal() : source.read(root);
        Map<String, String> account = new LinkedHashMap<>();
        account.put("username", username);
        account.put("password", password);
        account.put("role", role);
        root.client().post(account, ACCOUNTS);
        if (source != null) {
            account.remove("password");
        }
        json.output().show(account);
        return FINE;
    }

    @Command(name = "update", description = "Changes an account.")
    int update(
            @Mixin JsonOption json,
            @ArgGroup @Nullable PasswordSource source,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            description = "What it may do: read, operate or admin.")
                    Optional<String> role,
            @Option(
                            names = "--enabled",
                            negatable = true,
                            description = "Lets it in again, or not any more.")
                    @Nullable Boolean enabled,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        Map<String, Object> changes = new LinkedHashMap<>();
        role.ifPresent(word -> changes.put("role", word));
        if (enabled != null) {
            changes.put("disabled", !enabled);
        }
        if (source != null) {
            changes.put("password", source.read(root));
        }
        json.output().show(root.client().patch(changes, ACCOUNTS, username));
        return FINE;
    }

    @Command(name = "list", description = "Lists accounts.")
    int list(@Mixin JsonOption json, @Mixin ListOptions page) {
        json.output()
                .list(
                        root.client().list(page.after(), page.limit(), ACCOUNTS),
                        "username",
                        "role",
                        "disabled",
                        "createdAt",
                        "lastUsedAt");
        return FINE;
    }

    @Command(name = "show", description = "Shows an account.")
    int show(
            @Mixin JsonOption json,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        json.output().show(root.client().get(ACCOUNTS, username));
        return FINE;
    }

    @Command(name = "me", description = "Shows as whom these commands come to the hub.")
    int me(@Mixin JsonOption json) {
        json.output().show(root.client().get("me"));
        return FINE;
    }

    @Command(name = "delete", description = "Deletes an account for good.")
    int delete(
            @Mixin JsonOption json,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        root.client().delete(ACCOUNTS, username);
        json.output().show(Map.of("deleted", username));
        return FINE;
    }
}
