package io.muster.loadtest.options;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.client.NettyMqttClient;
import io.muster.loadtest.client.PahoMqttClient;
import io.muster.loadtest.client.Target;
import io.muster.loadtest.client.Tls;
import io.muster.loadtest.fleet.Hub;
import io.muster.loadtest.report.LinuxProcess;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Which broker, and how to speak to it. Confined to the thread that runs the command. */
public final class BrokerOptions {

    private static final int THREADS_MAX = 64;

    /** How messages are sent. */
    enum ClientKind {
        NETTY,
        PAHO
    }

    /** Reads a kind of client whatever the case of its letters. */
    static final class ClientChoice implements ITypeConverter<ClientKind> {
        @Override
        public ClientKind convert(String value) {
            return Choice.of(ClientKind.class, value);
        }
    }

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
            defaultValue = Target.VERSION_3,
            paramLabel = "VERSION",
            description = "3.1.1 or 5. Default: ${DEFAULT-VALUE}")
    private String protocol = Target.VERSION_3;

    @Option(
            names = "--path",
            paramLabel = "PATH",
            description = "Speak MQTT over WebSocket, at this path, for example /mqtt")
    private @Nullable String path;

    @Option(names = "--tls", description = "Encrypt, and trust the authorities that Java trusts")
    private boolean tls;

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "Encrypt, and trust the certificates of this PEM file alone")
    private @Nullable Path trust;

    @Option(
            names = "--certificates",
            paramLabel = "DIR",
            description =
                    "Encrypt, with client certificates: DEVICE.crt and DEVICE.key in PEM, and "
                            + "subscriber.crt and subscriber.key for all subscribers")
    private @Nullable Path certificates;

    @Option(
            names = "--from",
            paramLabel = "ADDRESS",
            split = ",",
            description =
                    "Addresses of this machine to connect from, in turn; each has some 28,000 ports")
    private List<String> from = List.of();

    @Option(
            names = "--client",
            defaultValue = "netty",
            converter = ClientChoice.class,
            description =
                    "netty, or paho for plausibility (3.1.1 over TCP only, few connections). "
                            + "Default: ${DEFAULT-VALUE}")
    private ClientKind clientKind = ClientKind.NETTY;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "T",
            description = "Event loops. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(
            names = "--broker-pid",
            paramLabel = "PID",
            description = "Account for the CPU time and memory of this process (Linux)")
    private @Nullable Long brokerPid;

    /** Where the broker is; fails with a sentence when the options do not fit the population. */
    public Target target(Supplier<Hub> hub, Population population) {
        Target target =
                new Target(
                        host == null ? hub.get().host() : host,
                        port == null ? hub.get().port() : port,
                        protocol,
                        path,
                        tls || trust != null || certificates != null
                                ? new Tls(trust, certificates)
                                : null,
                        from);
        check(target, population);
        return target;
    }

    private void check(Target target, Population population) {
        if (threads < 1 || threads > THREADS_MAX) {
            throw new IllegalArgumentException(
                    "--threads must be from 1 to %d, not %d".formatted(THREADS_MAX, threads));
        }
        if (clientKind != ClientKind.PAHO) {
            return;
        }
        if (!target.version().equals(Target.VERSION_3)) {
            throw new IllegalArgumentException("--client paho speaks --protocol 3.1.1 only");
        }
        if (target.path() != null || target.tls() != null || !from.isEmpty()) {
            throw new IllegalArgumentException(
                    "--client paho knows no --path, --tls, --trust, --certificates and --from");
        }
        if (population.devices() + population.subscribers() > PahoMqttClient.CONNECTIONS_MAX) {
            throw new IllegalArgumentException(
                    "--client paho takes at most %d devices and subscribers together"
                            .formatted(PahoMqttClient.CONNECTIONS_MAX));
        }
    }

    /** Makes the client that suits a scenario. */
    public MqttClient client(Target target, Scenario scenario) {
        return switch (clientKind) {
            case NETTY -> new NettyMqttClient(target, threads, scenario.gatherNanos());
            case PAHO -> new PahoMqttClient(target, threads);
        };
    }

    /**
     * The broker's process; null when it is not to be looked at.
     *
     * @param warnings hears why it cannot be looked at
     */
    public @Nullable LinuxProcess process(Consumer<String> warnings) {
        if (brokerPid == null) {
            return null;
        }
        if (!LinuxProcess.supported()) {
            warnings.accept("--broker-pid is left out: only Linux tells what a process uses");
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
}
