package io.muster.loadtest;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of the load tester; also a sub-command of whoever embeds it. Runs once and
 * blocks until the report is printed.
 *
 * <p>Exit codes: 0 all promises kept, 1 a promise broken or the run did not come about, 2 wrong
 * usage.
 */
@Command(
        name = "loadtest",
        sortOptions = false,
        description = {
            "Puts load on an MQTT broker and checks what it promises.",
            "Exit codes: 0 all promises kept, 1 a promise broken, 2 wrong usage."
        })
public final class LoadTestCommand implements Callable<Integer> {

    private static final int THREADS_MAX = 64;

    /** Longer than connecting and draining can take. */
    private static final int REPORT_SECONDS_MAX = 60;

    /** How messages are sent. */
    enum ClientKind {
        NETTY,
        PAHO
    }

    /** Reads a kind of client whatever the case of its letters. */
    static final class ClientChoice implements ITypeConverter<ClientKind> {
        @Override
        public ClientKind convert(String value) {
            return LoadOptions.choose(ClientKind.class, value);
        }
    }

    /** Who signs in. */
    static final class IdentityOptions {

        @Option(names = "--anonymous", description = "Sign in without credentials")
        boolean anonymous;

        @Option(
                names = "--devices-file",
                paramLabel = "FILE",
                description = "Lines with product key, tab, device key, tab, device secret")
        @Nullable Path devicesFile;

        @Option(
                names = "--app-username",
                paramLabel = "NAME",
                description = "Account of the subscribers, with --devices-file")
        @Nullable String appUsername;

        @Option(
                names = "--app-password",
                paramLabel = "PASSWORD",
                arity = "0..1",
                interactive = true,
                description = "Its password; asked for when left out")
        @Nullable String appPassword;

        @Option(
                names = "--management",
                paramLabel = "URL",
                description =
                        "Otherwise: the management API of the hub, which is asked to create "
                                + "devices and an account. Default: "
                                + "the hub's own, or http://127.0.0.1:8080")
        @Nullable URI management;

        @Option(
                names = "--token-file",
                paramLabel = "FILE",
                description =
                        "The operator's token for it. Default: the hub's own, or data/operator-token")
        @Nullable Path tokenFile;

        DeviceFleet fleet(Scenario scenario, Supplier<Hub> hub, Consumer<String> progress)
                throws IOException, InterruptedException {
            if (anonymous && devicesFile != null) {
                throw new IllegalArgumentException(
                        "--anonymous and --devices-file exclude each other");
            }
            if (anonymous) {
                return DeviceFleet.anonymous(scenario.devices());
            }
            if (devicesFile != null) {
                return fromFile(devicesFile, scenario);
            }
            URI api = management == null ? hub.get().management() : management;
            String token = token(tokenFile == null ? hub.get().tokenFile() : tokenFile);
            progress.accept("making %d devices ready at %s".formatted(scenario.devices(), api));
            return new ManagementApi(api, token)
                    .fleet(scenario.devices(), scenario.subscribers() > 0);
        }

        private DeviceFleet fromFile(Path file, Scenario scenario) {
            try {
                return DeviceFleet.fromFile(file, scenario.devices(), account(scenario));
            } catch (IOException e) {
                throw new IllegalArgumentException("--devices-file " + file + " cannot be read", e);
            }
        }

        private static String token(Path file) {
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        ("--token-file %s cannot be read: name the file that the hub wrote at its first start,"
                                        + " or use --devices-file or --anonymous")
                                .formatted(file),
                        e);
            }
        }

        private DeviceFleet.@Nullable Account account(Scenario scenario) {
            if (appUsername != null && appPassword != null) {
                return new DeviceFleet.Account(appUsername, appPassword);
            }
            if (scenario.subscribers() > 0) {
                throw new IllegalArgumentException(
                        "--devices-file with subscribers needs --app-username and --app-password");
            }
            return null;
        }
    }

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--host",
            description = "The broker's name or address. Default: the hub's, or 127.0.0.1")
    private @Nullable String host;

    @Option(
            names = "--port",
            description = "Its TCP port. Default: that of the hub's first listener, or 1883")
    private @Nullable Integer port;

    @Option(
            names = "--protocol",
            defaultValue = "3.1.1",
            paramLabel = "VERSION",
            description = "3.1.1 or 5. Default: ${DEFAULT-VALUE}")
    private String protocol = "3.1.1";

    @Option(
            names = "--client",
            defaultValue = "netty",
            converter = ClientChoice.class,
            description =
                    "netty, or paho for plausibility (3.1.1 only, few connections). "
                            + "Default: ${DEFAULT-VALUE}")
    private ClientKind clientKind = ClientKind.NETTY;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "T",
            description = "Event loops. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Mixin private LoadOptions load = new LoadOptions();

    @Mixin private IdentityOptions identities = new IdentityOptions();

    @Option(
            names = "--broker-pid",
            paramLabel = "PID",
            description = "Account for the CPU time and memory of this process (Linux)")
    private @Nullable Long brokerPid;

    @Option(
            names = "--json",
            description = "Print one JSON object at the end, and progress to standard error")
    private boolean json;

    // Only picocli looks at it.
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit")
    private boolean help;

    private final Supplier<Hub> hub;

    /** A command that stands alone: without options it looks for a hub with default settings. */
    public LoadTestCommand() {
        this(
                () ->
                        new Hub(
                                "127.0.0.1",
                                1883,
                                URI.create("http://127.0.0.1:8080"),
                                Path.of("data/operator-token")));
    }

    /**
     * A command inside another one.
     *
     * @param hub what to use where no option says otherwise; asked only when needed, on the thread
     *     that runs the command, and may throw what its embedder understands
     */
    public LoadTestCommand(Supplier<Hub> hub) {
        this.hub = hub;
    }

    /**
     * The hub that is loaded when no option names another broker.
     *
     * @param host name or address of its MQTT listener
     * @param port TCP port of its MQTT listener
     * @param management scheme, host and port of its management API
     * @param tokenFile the file with the operator's token
     */
    public record Hub(String host, int port, URI management, Path tokenFile) {}

    /**
     * The door of the load tester's own runnable jar: ends the process with the exit code.
     *
     * @param arguments the options
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LoadTestCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine commandLine = commandLine();
        PrintWriter err = commandLine.getErr();
        Scenario scenario;
        MqttClient.Target target;
        LinuxProcess broker;
        DeviceFleet fleet;
        try {
            scenario = load.scenario();
            target =
                    new MqttClient.Target(
                            host == null ? hub.get().host() : host,
                            port == null ? hub.get().port() : port,
                            protocol);
            checkClient(scenario);
            broker = brokerProcess(err);
            fleet = identities.fleet(scenario, hub, this::tell);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            err.println("loadtest: " + e.getMessage());
            err.flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
        try (MqttClient client = client(target)) {
            return runAndReport(new LoadTest(scenario, fleet, client, broker, this::tell));
        }
    }

    /** Runs to the end, or to Ctrl-C, which still gets the report of what was done so far. */
    private int runAndReport(LoadTest test) throws InterruptedException {
        CountDownLatch reported = new CountDownLatch(1);
        Thread interrupt =
                new Thread(
                        () -> {
                            test.stop();
                            awaitQuietly(reported);
                        },
                        "loadtest-interrupt");
        Runtime.getRuntime().addShutdownHook(interrupt);
        try {
            LatencyReport report = test.run();
            PrintWriter out = commandLine().getOut();
            out.println(json ? report.json() : report.text());
            out.flush();
            return report.allPromisesKept()
                    ? CommandLine.ExitCode.OK
                    : CommandLine.ExitCode.SOFTWARE;
        } finally {
            reported.countDown();
            removeHook(interrupt);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook has done its work.
            return;
        }
    }

    private static void awaitQuietly(CountDownLatch reported) {
        try {
            boolean unused = reported.await(REPORT_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String line) {
        PrintWriter progress = json ? commandLine().getErr() : commandLine().getOut();
        progress.println(line);
        progress.flush();
    }

    private MqttClient client(MqttClient.Target target) {
        return switch (clientKind) {
            case NETTY -> new NettyMqttClient(target, threads);
            case PAHO -> new PahoMqttClient(target, threads);
        };
    }

    private void checkClient(Scenario scenario) {
        if (threads < 1 || threads > THREADS_MAX) {
            throw new IllegalArgumentException(
                    "--threads must be from 1 to %d, not %d".formatted(THREADS_MAX, threads));
        }
        if (clientKind != ClientKind.PAHO) {
            return;
        }
        if (!protocol.equals(MqttClient.Target.VERSION_3)) {
            throw new IllegalArgumentException("--client paho speaks --protocol 3.1.1 only");
        }
        if (scenario.devices() + scenario.subscribers() > PahoMqttClient.CONNECTIONS_MAX) {
            throw new IllegalArgumentException(
                    "--client paho takes at most %d devices and subscribers together"
                            .formatted(PahoMqttClient.CONNECTIONS_MAX));
        }
    }

    private @Nullable LinuxProcess brokerProcess(PrintWriter err) {
        if (brokerPid == null) {
            return null;
        }
        if (!LinuxProcess.supported()) {
            err.println("--broker-pid is left out: only Linux tells what a process uses");
            err.flush();
            return null;
        }
        LinuxProcess process = new LinuxProcess(brokerPid);
        try {
            process.usage();
            return process;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "--broker-pid %d is not a process that can be read".formatted(brokerPid), e);
        }
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec, "picocli sets it").commandLine();
    }
}
