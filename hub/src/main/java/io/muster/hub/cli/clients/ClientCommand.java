package io.muster.hub.cli.clients;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.PageOptions;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code muster client}: who is connected. */
@Command(name = "client", description = "Shows and disconnects connected clients.")
public final class ClientCommand {

    private static final String CLIENTS = "clients";

    @Command(name = "list", description = "Lists the connected clients.")
    int list(@Mixin ApiOptions api, @Mixin PageOptions page) {
        JsonNode answer = api.client().list(page.after(), page.limit(), CLIENTS);
        api.output().list(answer, "clientId", "principal", "address", "listener", "connectedAt");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows a connected client.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(
                            paramLabel = "CLIENT",
                            description = "Client identifier; that of a device is PK/DK.")
                    String clientId) {
        api.output().show(api.client().get(CLIENTS, clientId));
        return ExitCode.OK;
    }

    @Command(
            name = "disconnect",
            description = "Closes the connection of a client, which may come back.")
    int disconnect(
            @Mixin ApiOptions api,
            @Parameters(
                            paramLabel = "CLIENT",
                            description = "Client identifier; that of a device is PK/DK.")
                    String clientId) {
        api.client().delete(CLIENTS, clientId);
        api.output().show(Map.of("disconnected", clientId));
        return ExitCode.OK;
    }
}
