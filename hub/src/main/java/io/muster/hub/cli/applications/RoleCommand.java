package io.muster.hub.cli.applications;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.RevisionOption;
import io.muster.hub.client.ManagementClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster role}: what applications may do. */
@Command(name = "role", description = "Shows, changes and deletes the roles of applications.")
public final class RoleCommand {

    private static final String ROLES = "roles";

    private static final Pattern RULE =
            Pattern.compile("(allow|deny) (?:(publish|subscribe|any) )?(.+)", Pattern.DOTALL);

    @Command(
            name = "put",
            description = {
                "Creates a role, or gives it other rules. The first rule that speaks about a topic",
                "decides; where none does, the answer is no."
            })
    int put(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "ROLE", description = "Name of the role.") String role,
            @Parameters(
                            paramLabel = "RULE",
                            arity = "0..*",
                            description =
                                    "Such as 'allow subscribe plant/#', 'deny publish a/b' or"
                                            + " 'allow in/$${username}/#'; one argument each.")
                    @Nullable List<String> rules,
            @Mixin RevisionOption revision,
            @Option(names = "--new", description = "Only if there is no such role yet.")
                    boolean isNew) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("rules", rules(rules == null ? List.of() : rules));
        ManagementClient client = api.client(revision);
        api.output().show((isNew ? client.ifNone() : client).put(body, ROLES, role));
        return ExitCode.OK;
    }

    private static List<Map<String, String>> rules(List<String> texts) {
        List<Map<String, String>> rules = new ArrayList<>();
        for (String text : texts) {
            Matcher parts = RULE.matcher(text);
            if (!parts.matches()) {
                throw new CommandFailedException(
                        "rule '%s' is not: allow or deny, publish or subscribe or any, a filter"
                                .formatted(text));
            }
            Map<String, String> rule = new LinkedHashMap<>();
            rule.put("effect", parts.group(1));
            rule.put("use", parts.group(2) == null ? "any" : parts.group(2));
            rule.put("filter", parts.group(3));
            rules.add(rule);
        }
        return rules;
    }

    @Command(name = "show", description = "Shows a role.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "ROLE", description = "Name of the role.") String role) {
        api.output().show(api.client().get(ROLES, role));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists the roles.")
    int list(@Mixin ApiOptions api, @Mixin PageOptions page) {
        JsonNode answer = api.client().list(page.after(), page.limit(), ROLES);
        api.output().list(answer, "name", "builtIn", "revision", "updatedAt", "rules");
        return ExitCode.OK;
    }

    @Command(name = "delete", description = "Deletes a role that no application has.")
    int delete(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Parameters(paramLabel = "ROLE", description = "Name of the role.") String role) {
        api.client(revision).delete(ROLES, role);
        api.output().show(Map.of("deleted", role));
        return ExitCode.OK;
    }
}
