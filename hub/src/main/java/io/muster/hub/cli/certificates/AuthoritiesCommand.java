package io.muster.hub.cli.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.cli.options.ApiOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster certificate authorities}: the authorities of a hub that runs. */
@Command(
        name = "authorities",
        description =
                "Lists the hub's own authorities, rolls them over, retires, revokes and destroys them.")
public final class AuthoritiesCommand implements Callable<Integer> {

    private static final String CERTIFICATES = "certificates";
    private static final String AUTHORITIES = "authorities";

    @Mixin private ApiOptions api = new ApiOptions();

    @Option(names = "--lists", description = "Shows their revocation lists instead.")
    private boolean lists;

    @Override
    public Integer call() {
        JsonNode page = api.client().get(CERTIFICATES, AUTHORITIES);
        if (lists) {
            api.output()
                    .list(
                            listsOf(page),
                            "name",
                            "partition",
                            "number",
                            "thisUpdate",
                            "nextUpdate",
                            "entries",
                            "bytes",
                            "due",
                            "stale");
        } else {
            api.output()
                    .list(
                            page,
                            "name",
                            "state",
                            "subject",
                            "serial",
                            "notAfter",
                            "key",
                            "validCertificates");
        }
        return ExitCode.OK;
    }

    private static JsonNode listsOf(JsonNode page) {
        ObjectNode all = new ObjectMapper().createObjectNode();
        var items = all.putArray("items");
        for (JsonNode authority : page.path("items")) {
            for (JsonNode list : authority.path("lists")) {
                ObjectNode item = items.addObject();
                item.set("name", authority.path("name"));
                list.properties().forEach(field -> item.set(field.getKey(), field.getValue()));
            }
        }
        return all;
    }

    @Command(
            name = "rollover",
            description = "Makes the next generation of an authority, and lets it issue.")
    int rollOver(
            @Mixin ApiOptions options,
            @Parameters(
                            paramLabel = "AUTHORITY",
                            description = "device-ec, device-rsa, server or root.")
                    String authority,
            @Option(names = "--prepare", description = "Makes it only, and has it trusted.")
                    boolean prepare,
            @Option(names = "--activate", description = "Lets the one that was made issue.")
                    boolean activate) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("authority", authority);
        if (prepare != activate) {
            fields.put("step", prepare ? "PREPARE" : "ACTIVATE");
        }
        options.output().show(options.client().post(fields, CERTIFICATES, AUTHORITIES, "rollover"));
        return ExitCode.OK;
    }

    @Command(
            name = "retire",
            description = "Takes nothing any more that a generation has issued, for ever.")
    int retire(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME", description = "Such as device-ec-g1.") String name) {
        options.output()
                .show(options.client().post(Map.of(), CERTIFICATES, AUTHORITIES, name, "retire"));
        return ExitCode.OK;
    }

    @Command(
            name = "destroy",
            description = {
                "Deletes the key of a generation that is retired or revoked, for ever: there are no",
                "more revocation lists of it."
            })
    int destroy(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME", description = "Such as device-ec-g1.") String name,
            @Option(names = "--force", description = "Also if what it has issued has not expired.")
                    boolean force) {
        options.output()
                .show(
                        options.client()
                                .post(
                                        force ? Map.of("force", true) : Map.of(),
                                        CERTIFICATES,
                                        AUTHORITIES,
                                        name,
                                        "destroy"));
        return ExitCode.OK;
    }

    @Command(
            name = "revoke",
            description = "Revokes an authority, and with it all that it has issued, for ever.")
    int revoke(
            @Mixin ApiOptions options,
            @Parameters(paramLabel = "NAME", description = "Such as device-ec-g1.") String name,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            description =
                                    "caCompromise, affiliationChanged, superseded,"
                                            + " cessationOfOperation or privilegeWithdrawn"
                                            + " (default: none).")
                    Optional<String> reason) {
        Map<String, Object> fields = new LinkedHashMap<>();
        reason.ifPresent(word -> fields.put("reason", word));
        options.output()
                .show(options.client().post(fields, CERTIFICATES, AUTHORITIES, name, "revoke"));
        return ExitCode.OK;
    }
}
