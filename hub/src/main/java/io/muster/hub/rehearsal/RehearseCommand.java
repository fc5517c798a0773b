package io.muster.hub.rehearsal;

import io.muster.hub.FirstStart;
import io.muster.hub.Hub;
import io.muster.hub.config.ConfigurationLoader;
import io.muster.hub.config.HubConfig;
import io.muster.hub.demo.Demo;
import io.muster.hub.demo.DemoAccount;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code muster rehearse}: starts a hub of its own in a temporary folder, on ports that the system
 * chooses and on the loopback address only, plays the demonstration with it, and ends. The launcher
 * runs it once after each build, so that the virtual machine sees which classes a start needs and
 * writes them into an archive (class-data sharing), from which later starts are twice as fast.
 */
@Command(name = "rehearse", hidden = true, description = "Starts a hub for a moment, for no one.")
public final class RehearseCommand implements Callable<Integer> {

    private static final String LISTENER = "rehearsal";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Nothing of the operator's configuration: the rehearsal must not touch a registry in use. */
    private static final String CONFIGURATION =
            """
            listeners = [{ name = %s, bind = "127.0.0.1", port = 0 }]
            management { bind = "127.0.0.1", port = 0 }
            certificates.authority.public-address = "http://127.0.0.1"
            """
                    .formatted(LISTENER);

    /** Longer than any start takes; whoever waits for the launcher must not wait for ever. */
    private static final long LIMIT_SECONDS = 60;

    private final Path parent;

    /** In the folder for temporary files. */
    public RehearseCommand() {
        this(Path.of(System.getProperty("java.io.tmpdir")));
    }

    RehearseCommand(Path parent) {
        this.parent = parent;
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory(parent, "muster-rehearsal");
        try {
            Path file = Files.writeString(folder.resolve("muster.conf"), CONFIGURATION);
            Optional<Path> data = Optional.of(folder.resolve("data"));
            HubConfig config = ConfigurationLoader.load(Optional.of(file), data, Map.of()).hub();
            return inTime(() -> play(config)) ? 0 : 1;
        } finally {
            delete(folder);
        }
    }

    private static boolean inTime(Callable<Boolean> work) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "rehearsal");
        thread.setDaemon(true);
        thread.start();
        return task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static boolean play(HubConfig config) {
        try (Hub hub = Hub.start(config)) {
            FirstStart made = hub.firstStart().orElseThrow();
            InetSocketAddress address = Objects.requireNonNull(hub.mqttAddresses().get(LISTENER));
            String server = "tcp://127.0.0.1:" + address.getPort();
            return new Demo(server, account(made), TIMEOUT, step -> {}).run().received();
        }
    }

    private static DemoAccount account(FirstStart made) {
        return new DemoAccount(
                made.productKey(),
                made.deviceKey(),
                made.deviceSecret(),
                made.applicationUsername(),
                made.applicationPassword());
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> innermostFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : innermostFirst) {
                Files.deleteIfExists(file);
            }
        }
    }
}
