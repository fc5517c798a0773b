package io.muster.hub.cli.applications;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.devices.Secret;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.PasswordSource;
import io.muster.hub.cli.options.RevisionOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster app}: the accounts of applications. */
@Command(
        name = "app",
        description = "Creates, shows, changes and deletes accounts of applications.")
public final class AppCommand {

    private static final String APPLICATIONS = "applications";

    private static final String ROLES_DESCRIPTION =
            "Names of its roles, with a comma between two (default: all-topics).";

    @Command(
            name = "create",
            description = "Creates the account of an application; a password made is shown once.")
    int create(
            @Mixin ApiOptions api,
            @ArgGroup @Nullable PasswordSource source,
            @Option(names = "--roles", split = ",", description = ROLES_DESCRIPTION)
                    @Nullable List<String> roles,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        String password = source == null ? Secret.generate().reveal() : source.read(api.root());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("username", username);
        body.put("password", password);
        if (roles != null) {
            body.put("roles", roles);
        }
        api.client().post(body, APPLICATIONS);
        showPassword(api, username, source, password);
        return ExitCode.OK;
    }

    private static void showPassword(
            ApiOptions api, String username, @Nullable PasswordSource source, String password) {
        Map<String, String> account = new LinkedHashMap<>();
        account.put("username", username);
        if (source == null) {
            account.put("password", password);
        }
        api.output().show(account);
    }

    @Command(
            name = "set-password",
            description = {
                "Gives an account another password, and disconnects its clients; a password made",
                "is shown once."
            })
    int setPassword(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @ArgGroup @Nullable PasswordSource source,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        String password = source == null ? Secret.generate().reveal() : source.read(api.root());
        api.client(revision).put(Map.of("password", password), APPLICATIONS, username, "password");
        showPassword(api, username, source, password);
        return ExitCode.OK;
    }

    @Command(name = "set-roles", description = "Gives an account other roles.")
    int setRoles(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username,
            @Parameters(
                            paramLabel = "ROLE",
                            arity = "0..*",
                            description = "Names of roles, in the order of their rules.")
                    @Nullable List<String> roles) {
        Map<String, Object> body = Map.of("roles", roles == null ? List.of() : roles);
        api.output().show(api.client(revision).patch(body, APPLICATIONS, username));
        return ExitCode.OK;
    }

    @Command(name = "disable", description = "Disconnects an application and lets it in no more.")
    int disable(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        api.output().show(api.client(revision).post(Map.of(), APPLICATIONS, username, "disable"));
        return ExitCode.OK;
    }

    @Command(name = "enable", description = "Lets a disabled application in again.")
    int enable(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        api.output().show(api.client(revision).post(Map.of(), APPLICATIONS, username, "enable"));
        return ExitCode.OK;
    }

    @Command(name = "delete", description = "Deletes an account and ends its sessions.")
    int delete(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        api.client(revision).delete(APPLICATIONS, username);
        api.output().show(Map.of("deleted", username));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists the accounts of applications.")
    int list(@Mixin ApiOptions api, @Mixin PageOptions page) {
        JsonNode answer = api.client().list(page.after(), page.limit(), APPLICATIONS);
        api.output().list(answer, "username", "roles", "disabled", "createdAt");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows the account of an application.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "USERNAME", description = "User name.") String username) {
        api.output().show(api.client().get(APPLICATIONS, username));
        return ExitCode.OK;
    }
}
