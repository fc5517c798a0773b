package io.muster.hub.cli;

import io.muster.broker.ListenerConfig;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.cli.options.Root;
import io.muster.hub.cli.output.Output;
import io.muster.hub.cli.output.StartReport;
import io.muster.hub.cli.start.HubOptions;
import io.muster.hub.cli.start.HubRun;
import io.muster.hub.client.ManagementAddress;
import io.muster.hub.client.ManagementClient;
import io.muster.hub.config.Configuration;
import io.muster.hub.config.HubConfig;
import io.muster.loadtest.fleet.Hub;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The root of all commands, and what they share: which configuration, and the process around them.
 * Without a sub-command it starts the hub. Confined to the main thread.
 */
@Command(
        name = "muster",
        description = "A self-hosted IoT hub: an MQTT broker that knows its devices.",
        synopsisSubcommandLabel = "[COMMAND]",
        footer = {
            "",
            "Exit codes: 0 fine, 2 wrong usage or configuration, 1 anything else.",
        })
final class MusterCommand implements Callable<Integer>, Root {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "Configuration file (default: $MUSTER_CONFIG, else ./muster.conf if there).")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Data folder (default: $MUSTER_DATA, else ./data).")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = {
                "File with an API key in its first line, for commands to a running hub",
                "(default: $MUSTER_API_KEY, else the operator token of the data folder)."
            })
    private Optional<Path> keyFile = Optional.empty();

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = {
                "Commands to a running hub go over TLS (management.tls), and these authorities,",
                "PEM, vouch for it (default: plain HTTP)."
            })
    private Optional<Path> authorities = Optional.empty();

    // Set by picocli before any command runs.
    @SuppressWarnings("NullAway.Init")
    @Spec
    private CommandSpec spec;

    private final Map<String, String> environment;

    /** One for all lines, since it reads ahead. */
    private final BufferedReader input;

    MusterCommand(Map<String, String> environment, InputStream input) {
        this.environment = Map.copyOf(environment);
        this.input = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    }

    /** The root of the command with this specification. */
    static MusterCommand of(CommandSpec command) {
        return (MusterCommand) command.root().userObject();
    }

    @Override
    public Integer call() throws InterruptedException {
        return new StartCommand(spec).call();
    }

    @Command(name = "version", description = "Shows the version.")
    int version(
            @Option(names = "--json", description = "Prints JSON, for machines.") boolean json) {
        Map<String, String> facts = new LinkedHashMap<>();
        String version = Muster.class.getPackage().getImplementationVersion();
        facts.put("version", version == null ? "development" : version);
        facts.put("java", Runtime.version().toString());
        facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        new Output(spec.commandLine().getOut(), json).show(facts);
        return ExitCode.OK;
    }

    @Override
    public Configuration configuration() {
        return options().configuration(environment);
    }

    private HubOptions options() {
        return new HubOptions(config, data);
    }

    @Override
    public ManagementClient client() {
        HubConfig hub = configuration().hub();
        ManagementAddress address = address(hub.management());
        return keyFile.map(ManagementClient::readKey)
                .or(() -> Optional.ofNullable(environment.get("MUSTER_API_KEY")))
                .map(key -> ManagementClient.withKey(address, key))
                .orElseGet(() -> ManagementClient.of(address, hub.dataFolder()));
    }

    @Override
    public ManagementClient client(String username, String password) {
        return ManagementClient.withPassword(
                address(configuration().hub().management()), username, password);
    }

    private ManagementAddress address(HubConfig.Management management) {
        HubConfig.ManagementTls tls = management.tls();
        if (authorities.isPresent() && !tls.enabled()) {
            throw new CommandFailedException(
                    "--ca: this hub does not speak TLS with its management API; set"
                            + " management.tls.enabled = true");
        }
        return authorities
                .map(file -> ManagementAddress.tls(tls.bind(), tls.port(), file))
                .orElseGet(() -> ManagementAddress.plain(management.bind(), management.port()));
    }

    /** The hub of this configuration, in this process. */
    HubRun hubRun() {
        return new HubRun(options(), environment, spec.commandLine().getOut());
    }

    /**
     * What the load tester drives when it is not told otherwise: the hub of this configuration. If
     * that has no listener that the load tester can speak to, the first one stands for what is
     * before it.
     */
    Hub hubUnderLoad() {
        HubConfig hub = configuration().hub();
        ListenerConfig listener = hub.plainListener().orElse(hub.broker().listeners().get(0));
        return new Hub(
                StartReport.reachable(listener.bind()),
                listener.port(),
                URI.create(
                        "http://%s:%d"
                                .formatted(
                                        StartReport.reachable(hub.management().bind()),
                                        hub.management().port())),
                hub.dataFolder().resolve(ManagementClient.TOKEN_FILE));
    }

    @Override
    public String readLine() {
        try {
            String line = input.readLine();
            if (line == null || line.isEmpty()) {
                throw new CommandFailedException("standard input is empty");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
