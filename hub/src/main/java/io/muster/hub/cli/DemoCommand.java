package io.muster.hub.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.broker.ListenerConfig;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.cli.output.Output;
import io.muster.hub.cli.output.StartReport;
import io.muster.hub.config.HubConfig;
import io.muster.hub.demo.Demo;
import io.muster.hub.demo.DemoAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster demo}: sends one message through the running hub, with nothing else installed. */
@Command(
        name = "demo",
        description = "Sends a message from the demo device to the demo application, step by step.")
final class DemoCommand implements Callable<Integer> {

    @Mixin private ApiOptions api = new ApiOptions();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long to wait for the message (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Override
    public Integer call() {
        HubConfig hub = api.configuration().hub();
        DemoAccount account = read(hub.dataFolder().resolve("demo.json"));
        Output output = api.output();
        Demo.Outcome outcome =
                new Demo(server(hub), account, Duration.ofSeconds(timeoutSeconds), output::say)
                        .run();
        if (output.json()) {
            output.show(outcome);
        }
        return outcome.received() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static DemoAccount read(Path file) {
        if (Files.notExists(file)) {
            throw new CommandFailedException(
                    file
                            + " is not there; the hub writes it at its first start (is --data right?)");
        }
        try {
            return JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build()
                    .readValue(file.toFile(), DemoAccount.class);
        } catch (IOException e) {
            // The exception would quote the file, which holds secrets.
            throw new CommandFailedException(
                    file + " cannot be read or does not describe the demo device and application");
        }
    }

    private static String server(HubConfig hub) {
        ListenerConfig listener =
                hub.plainListener()
                        .orElseThrow(
                                () ->
                                        new CommandFailedException(
                                                "no listener of type tcp without proxy-protocol:"
                                                        + " the demonstration needs one"));
        if (listener.port() == 0) {
            throw new CommandFailedException(
                    "listener %s has port 0: the system chose one that is not known here; set one"
                            .formatted(listener.name()));
        }
        return "tcp://" + StartReport.reachable(listener.bind()) + ":" + listener.port();
    }
}
