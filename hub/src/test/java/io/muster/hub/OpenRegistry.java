package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.secret.ProductTopics;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DirectorySettings;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.gateways.Gateways;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** A registry of its own in a folder, and what a hub keeps of it in memory. */
public final class OpenRegistry implements AutoCloseable {

    /** How many read it at once. */
    static final int CONNECTIONS = 2;

    public final RegistryDatabase database;
    public final DeviceRegistry registry;
    public final DeviceDirectory directory;
    public final ProductTopics topics = new ProductTopics();
    public final Topology topology;
    public final Gateways gateways;

    /**
     * An empty one.
     *
     * @param timeout the longest that a call to the registry may take
     */
    public OpenRegistry(Path folder, Duration timeout, Clock clock, Ticker ticker)
            throws IOException {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                CONNECTIONS,
                                timeout),
                        SecretCipher.load(folder.resolve("secret.key")));
        registry = new DeviceRegistry(database, clock);
        directory =
                DeviceDirectory.open(
                        registry,
                        new ApplicationRegistry(database, clock),
                        new DirectorySettings(
                                100,
                                Duration.ofMinutes(1),
                                Duration.ZERO,
                                Duration.ofMinutes(1),
                                Duration.ofHours(1)),
                        clock,
                        ticker);
        topology = new Topology(database, 100, clock);
        gateways =
                new Gateways(
                        directory,
                        topics,
                        new Gateways.Registry(registry, topology),
                        new Gateways.Settings(10, Duration.ofSeconds(10)),
                        clock);
    }

    /** The same, in the time of the machine. */
    public OpenRegistry(Path folder) throws IOException {
        this(folder, Duration.ofSeconds(5), Clock.systemUTC(), Ticker.systemTicker());
    }

    @Override
    public void close() {
        gateways.close();
        directory.close();
        database.close();
    }
}
