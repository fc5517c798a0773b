package io.muster.hub.cli.clients;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.PageOptions;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster bar}: who is barred from signing in. */
@Command(name = "bar", description = "Shows and lifts bars of the sign-in guard.")
public final class BarCommand {

    private static final String BARS = "bars";

    @Command(name = "list", description = "Lists who is barred from signing in at present.")
    int list(@Mixin ApiOptions api, @Mixin PageOptions page) {
        JsonNode answer = api.client().list(page.after(), page.limit(), BARS);
        api.output().list(answer, "id", "guard", "name", "address", "count", "secondsLeft");
        return ExitCode.OK;
    }

    @Command(
            name = "lift",
            description = "Ends a bar, and forgets the wrong sign-ins that led to it.")
    int lift(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "ID", description = "Identifier of the bar, as listed.")
                    String id) {
        api.client().delete(BARS, id);
        api.output().show(Map.of("lifted", id));
        return ExitCode.OK;
    }
}
