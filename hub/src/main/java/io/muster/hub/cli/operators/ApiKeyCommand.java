package io.muster.hub.cli.operators;

import io.muster.hub.cli.options.OverlapOption;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.RevisionOption;
import io.muster.hub.cli.options.Root;
import io.muster.hub.client.ManagementClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster api-key}: the keys of programs that manage the hub. */
@Command(
        name = "api-key",
        description = "Creates, shows, changes and deletes keys of programs that manage the hub.")
public final class ApiKeyCommand {

    private static final String KEYS = "api-keys";

    private final Root root;

    /** Below {@code root}. */
    public ApiKeyCommand(Root root) {
        this.root = root;
    }

    @Command(name = "create", description = "Creates a key; its secret is shown once.")
    int create(
            @Mixin JsonOption json,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "What it may do: read, operate or admin.")
                    String role,
            @Option(names = "--name", paramLabel = "NAME", description = "Name, for people.")
                    Optional<String> name,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            description =
                                    "When it ends, such as 2030-01-01T00:00:00Z (default: never).")
                    Optional<String> expires) {
        Map<String, Object> key = new LinkedHashMap<>();
        name.ifPresent(text -> key.put("name", text));
        key.put("role", role);
        expires.ifPresent(time -> key.put("expiresAt", time));
        json.output().show(root.client().post(key, KEYS));
        return ExitCode.OK;
    }

    @Command(name = "update", description = "Changes a key.")
    int update(
            @Mixin JsonOption json,
            @Parameters(paramLabel = "ID", description = "Identifier of the key.") String id,
            @Option(
                            names = "--role",
                            paramLabel = "ROLE",
                            description = "What it may do: read, operate or admin.")
                    Optional<String> role,
            @Option(names = "--name", paramLabel = "NAME", description = "Name, for people.")
                    Optional<String> name,
            @Option(
                            names = "--expires",
                            paramLabel = "TIME",
                            description = "When it ends, such as 2030-01-01T00:00:00Z, or never.")
                    Optional<String> expires,
            @Option(
                            names = "--enabled",
                            negatable = true,
                            description = "Lets it in again, or not any more.")
                    @Nullable Boolean enabled,
            @Mixin RevisionOption revision) {
        Map<String, Object> changes = new LinkedHashMap<>();
        role.ifPresent(word -> changes.put("role", word));
        name.ifPresent(text -> changes.put("name", text));
        expires.ifPresent(time -> changes.put("expiresAt", time));
        if (enabled != null) {
            changes.put("disabled", !enabled);
        }
        ManagementClient client = root.client().ifMatch(revision.revision());
        json.output().show(client.patch(changes, KEYS, id));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists keys.")
    int list(@Mixin JsonOption json, @Mixin PageOptions page) {
        json.output()
                .list(
                        root.client().list(page.after(), page.limit(), KEYS),
                        "id",
                        "name",
                        "role",
                        "disabled",
                        "expiresAt",
                        "lastUsedAt");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows a key, without its secret.")
    int show(
            @Mixin JsonOption json,
            @Parameters(paramLabel = "ID", description = "Identifier of the key.") String id) {
        json.output().show(root.client().get(KEYS, id));
        return ExitCode.OK;
    }

    @Command(
            name = "rotate-secret",
            description = "Gives a key a new secret and shows it; the one before ends later.")
    int rotateSecret(
            @Mixin JsonOption json,
            @Mixin OverlapOption overlap,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "ID", description = "Identifier of the key.") String id) {
        ManagementClient client = root.client().ifMatch(revision.revision());
        json.output().show(client.post(overlap.fields(), KEYS, id, "secret"));
        return ExitCode.OK;
    }

    @Command(name = "delete", description = "Deletes a key for good.")
    int delete(
            @Mixin JsonOption json,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "ID", description = "Identifier of the key.") String id) {
        root.client().ifMatch(revision.revision()).delete(KEYS, id);
        json.output().show(Map.of("deleted", id));
        return ExitCode.OK;
    }
}
