package io.muster.hub.cli.clients;

import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.client.ManagementClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster drain}: sends the clients elsewhere. Confined to the main thread. */
@Command(
        name = "drain",
        description = {
            "Sends all clients elsewhere and lets no new ones in, until --stop.",
            "Again while it drains: changes where to and how fast."
        })
public final class DrainCommand implements Callable<Integer> {

    private static final String DRAIN = "drain";

    // Set by picocli before the command runs.
    @SuppressWarnings("NullAway.Init")
    @Mixin
    private ApiOptions api;

    @ArgGroup(exclusive = true)
    private Choice choice = new Choice();

    /** Begin, stop, or look. */
    private static final class Choice {

        @Option(names = "--stop", description = "Ends the drain: clients are let in again.")
        private boolean stop;

        @Option(names = "--status", description = "Shows whether it drains, and how far it is.")
        private boolean status;

        @ArgGroup(exclusive = false)
        private Elsewhere elsewhere = new Elsewhere();
    }

    /** Where to and how fast. */
    private static final class Elsewhere {

        @Option(
                names = "--to",
                paramLabel = "HOST:PORT",
                description = "Where MQTT 5.0 clients are sent (default: they are not told).")
        private Optional<String> to = Optional.empty();

        @Option(
                names = "--moved",
                description = "Tells them to go there from now on, and not only this time.")
        private boolean moved;

        @Option(
                names = "--rate",
                paramLabel = "N",
                description = "Clients to disconnect a second (default: 500).")
        private Optional<Integer> rate = Optional.empty();
    }

    @Override
    public Integer call() {
        ManagementClient client = api.client();
        if (choice.status) {
            api.output().show(client.get(DRAIN));
            return ExitCode.OK;
        }
        if (choice.stop) {
            client.delete(DRAIN);
            api.output().show(Map.of("draining", false));
            return ExitCode.OK;
        }
        Map<String, Object> order = new LinkedHashMap<>();
        choice.elsewhere.to.ifPresent(to -> order.put("serverReference", to));
        order.put("moved", choice.elsewhere.moved);
        choice.elsewhere.rate.ifPresent(rate -> order.put("perSecond", rate));
        api.output().show(client.post(order, DRAIN));
        return ExitCode.OK;
    }
}
