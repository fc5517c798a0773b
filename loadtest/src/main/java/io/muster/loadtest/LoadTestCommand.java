package io.muster.loadtest;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

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
    private static final int FANOUT_SUBSCRIBERS = 10;

    /** Longer than connecting and draining can take. */
    private static final int REPORT_SECONDS_MAX = 60;

    /** How messages are sent. */
    enum ClientKind {
        NETTY,
        PAHO
    }

    private static <E extends Enum<E>> E choose(Class<E> kinds, String value) {
        for (E kind : kinds.getEnumConstants()) {
            if (kind.name().equalsIgnoreCase(value)) {
                return kind;
            }
        }
        throw new TypeConversionException(
                "must be one of %s, not '%s'"
                        .formatted(
                                Arrays.toString(kinds.getEnumConstants()).toLowerCase(Locale.ROOT),
                                value));
    }

    /** Reads a topology whatever the case of its letters. */
    static final class TopologyChoice implements ITypeConverter<Scenario.Topology> {
        @Override
        public Scenario.Topology convert(String value) {
            return choose(Scenario.Topology.class, value);
        }
    }

    /** Reads a kind of client whatever the case of its letters. */
    static final class ClientChoice implements ITypeConverter<ClientKind> {
        @Override
        public ClientKind convert(String value) {
            return choose(ClientKind.class, value);
        }
    }

    /** What the load looks like. */
    static final class LoadOptions {

        @Option(
                names = "--topology",
                defaultValue = "p2p",
                converter = TopologyChoice.class,
                description =
                        "p2p: subscriber i hears device i; fanin: all hear all devices; "
                                + "fanout: all hear device 1. Default: ${DEFAULT-VALUE}")
        Scenario.Topology topology = Scenario.Topology.P2P;

        @Option(
                names = "--devices",
                defaultValue = "10",
                paramLabel = "N",
                description = "Devices. Default: ${DEFAULT-VALUE}")
        int devices;

        @Option(
                names = "--subscribers",
                paramLabel = "M",
                description =
                        "Subscribers; 0: only publish. Default: as many as devices for p2p, "
                                + "1 for fanin, 10 for fanout")
        @Nullable Integer subscribers;

        @Option(
                names = "--rate",
                defaultValue = "0",
                paramLabel = "R",
                description =
                        "Messages a second of all devices together (open loop); 0: flat out "
                                + "(closed loop). Default: ${DEFAULT-VALUE}")
        long rate;

        @Option(
                names = "--window",
                defaultValue = "20",
                paramLabel = "W",
                description =
                        "Messages outstanding per device. Flat out: not yet acknowledged "
                                + "and delivered; at a rate: not yet acknowledged. Default: "
                                + "${DEFAULT-VALUE}")
        int window;

        @Option(
                names = "--payload-size",
                defaultValue = "64",
                paramLabel = "BYTES",
                description = "Size of each payload, at least 28. Default: ${DEFAULT-VALUE}")
        int payloadBytes;

        @Option(
                names = "--qos",
                defaultValue = "0",
                paramLabel = "Q",
                description =
                        "0, 1 or 2, for publishing and subscribing. Default: " + "${DEFAULT-VALUE}")
        int qos;

        @Option(
                names = "--duration",
                defaultValue = "10",
                paramLabel = "S",
                description = "Seconds that are measured. Default: ${DEFAULT-VALUE}")
        double durationSeconds;

        @Option(
                names = "--warmup",
                defaultValue = "2",
                paramLabel = "S",
                description = "Seconds of load before. Default: ${DEFAULT-VALUE}")
        double warmupSeconds;

        Scenario scenario() {
            int subscribersByDefault =
                    switch (topology) {
                        case P2P -> devices;
                        case FANIN -> 1;
                        case FANOUT -> FANOUT_SUBSCRIBERS;
                    };
            return new Scenario(
                    topology,
                    devices,
                    subscribers == null ? subscribersByDefault : subscribers,
                    new Scenario.Pace(rate, window),
                    payloadBytes,
                    qos,
                    warmupSeconds,
                    durationSeconds);
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
                defaultValue = "http://127.0.0.1:8080",
                paramLabel = "URL",
                description =
                        "Otherwise: the hub that is asked to create devices and an account. "
                                + "Default: ${DEFAULT-VALUE}")
        URI management = URI.create("http://127.0.0.1:8080");

        @Option(
                names = "--token-file",
                defaultValue = "data/operator-token",
                paramLabel = "FILE",
                description = "The operator's token for it. Default: ${DEFAULT-VALUE}")
        Path tokenFile = Path.of("data/operator-token");

        DeviceFleet fleet(Scenario scenario) throws IOException, InterruptedException {
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
            return new ManagementApi(management, token())
                    .fleet(scenario.devices(), scenario.subscribers() > 0);
        }

        private DeviceFleet fromFile(Path file, Scenario scenario) {
            try {
                return DeviceFleet.fromFile(file, scenario.devices(), account(scenario));
            } catch (IOException e) {
                throw new IllegalArgumentException("--devices-file " + file + " cannot be read", e);
            }
        }

        private String token() {
            try {
                return Files.readString(tokenFile).strip();
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        ("--token-file %s cannot be read: name the file that the hub wrote at its first start,"
                                        + " or use --devices-file or --anonymous")
                                .formatted(tokenFile),
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
            defaultValue = "127.0.0.1",
            description = "The broker's name or address. Default: ${DEFAULT-VALUE}")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "1883",
            description = "Its TCP port. Default: ${DEFAULT-VALUE}")
    private int port;

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

    /** Made by picocli or by whoever embeds it. */
    public LoadTestCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        CommandLine commandLine = commandLine();
        PrintWriter err = commandLine.getErr();
        Scenario scenario;
        MqttClient.Target target;
        BrokerProcess broker;
        DeviceFleet fleet;
        try {
            scenario = load.scenario();
            target = new MqttClient.Target(host, port, protocol);
            checkClient(scenario);
            broker = brokerProcess(err);
            fleet = identities.fleet(scenario);
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

    private @Nullable BrokerProcess brokerProcess(PrintWriter err) {
        if (brokerPid == null) {
            return null;
        }
        if (!BrokerProcess.supported()) {
            err.println("--broker-pid is left out: only Linux tells what a process uses");
            err.flush();
            return null;
        }
        BrokerProcess process = new BrokerProcess(brokerPid);
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
