package io.muster.hub.cli.operators;

import io.muster.devices.Secret;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.PasswordSource;
import io.muster.hub.cli.options.RevisionOption;
import io.muster.hub.cli.options.Root;
import io.muster.hub.client.ManagementClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster account}: the accounts of people who manage the hub. */
@Command(
        name = "account",
        description = "Creates, shows, changes and deletes accounts of people who manage the hub.")
public final class AccountCommand {

    private static final String ACCOUNTS = "accounts";

    private final Root root;

    /** Below {@code root}. */
    public AccountCommand(Root root) {
        this.root = root;
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
        return ExitCode.OK;
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
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        Map<String, Object> changes = new LinkedHashMap<>();
        role.ifPresent(word -> changes.put("role", word));
        if (enabled != null) {
            changes.put("disabled", !enabled);
        }
        if (source != null) {
            changes.put("password", source.read(root));
        }
        ManagementClient client = root.client().ifMatch(revision.revision());
        json.output().show(client.patch(changes, ACCOUNTS, username));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists accounts.")
    int list(@Mixin JsonOption json, @Mixin PageOptions page) {
        json.output()
                .list(
                        root.client().list(page.after(), page.limit(), ACCOUNTS),
                        "username",
                        "role",
                        "disabled",
                        "createdAt",
                        "lastUsedAt");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows an account.")
    int show(
            @Mixin JsonOption json,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        json.output().show(root.client().get(ACCOUNTS, username));
        return ExitCode.OK;
    }

    @Command(name = "me", description = "Shows as whom these commands come to the hub.")
    int me(@Mixin JsonOption json) {
        json.output().show(root.client().get("me"));
        return ExitCode.OK;
    }

    @Command(
            name = "set-my-password",
            description = {
                "Gives the account of whoever asks another password. Reads two lines of standard",
                "input, the present password and the new one; or asks for them."
            })
    int setMyPassword(
            @Mixin JsonOption json,
            @Option(
                            names = "--user",
                            required = true,
                            paramLabel = "USERNAME",
                            description = "Whose.")
                    String username,
            @Option(
                            names = "--prompt-present",
                            interactive = true,
                            description = "Asks for the present password, which is not shown.")
                    char @Nullable [] present,
            @ArgGroup @Nullable PasswordSource next) {
        String before = present == null ? root.readLine() : new String(present);
        String password = next == null ? root.readLine() : next.read(root);
        Map<String, String> change = new LinkedHashMap<>();
        change.put("presentPassword", before);
        change.put("password", password);
        json.output().show(root.client(username, before).patch(change, "me"));
        return ExitCode.OK;
    }

    @Command(name = "delete", description = "Deletes an account for good.")
    int delete(
            @Mixin JsonOption json,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        root.client().ifMatch(revision.revision()).delete(ACCOUNTS, username);
        json.output().show(Map.of("deleted", username));
        return ExitCode.OK;
    }
}
