package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.application.ApplicationProvider;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.secret.DeviceSecretProvider;
import io.muster.auth.secret.ProductTopics;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.Broker;
import io.muster.broker.spi.ClientObserver;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DirectorySettings;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.SecretCipher;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.roles.RoleRegistry;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.hub.api.ManagedDevices;
import io.muster.hub.api.ManagedHub;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.applications.AccessChanges;
import io.muster.hub.applications.ApplicationClients;
import io.muster.hub.audit.AuditedSignIn;
import io.muster.hub.commands.ApplicationCommands;
import io.muster.hub.commands.Commands;
import io.muster.hub.commands.Timer;
import io.muster.hub.config.HubConfig;
import io.muster.hub.monitoring.ActivationMetrics;
import io.muster.hub.monitoring.HubMetrics;
import io.muster.hub.monitoring.Readiness;
import io.muster.hub.monitoring.ServiceMetrics;
import io.muster.hub.products.ProductChanges;
import io.muster.hub.products.SelfRegistration;
import io.muster.hub.services.DeviceServices;
import io.muster.hub.services.ServedRegistry;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A whole hub: started from its configuration, stopped by {@link #close}. Its threads are those of
 * its parts; this class is confined to whoever starts and stops it.
 */
public final class Hub implements AutoCloseable {

    /** A health page that takes longer counts as failed with most who read it. */
    private static final Duration READINESS_DEADLINE = Duration.ofSeconds(1);

    private final OpenParts open;
    private final Map<String, InetSocketAddress> mqttAddresses;
    private final InetSocketAddress managementAddress;
    private final Optional<FirstStart> firstStart;

    private Hub(
            OpenParts open,
            Map<String, InetSocketAddress> mqttAddresses,
            InetSocketAddress managementAddress,
            Optional<FirstStart> firstStart) {
        this.open = open;
        this.mqttAddresses = mqttAddresses;
        this.managementAddress = managementAddress;
        this.firstStart = firstStart;
    }

    /**
     * Starts a hub. Blocks until all its listeners accept connections.
     *
     * @throws HubStartException naming what failed; nothing is left open then
     */
    public static Hub start(HubConfig config) {
        OpenParts open = new OpenParts();
        try {
            return assemble(config, open);
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    private static Hub assemble(HubConfig config, OpenParts open) {
        Storage storage = Storage.open(config, open);
        Optional<FirstStart> firstStart =
                open.run(Part.REGISTRY, () -> demo(config, storage).run());
        DeviceDirectory directory = openDirectory(config, open, storage);

        HubMetrics metrics = open.open(Part.METRICS, () -> metrics(directory));
        DeviceStatePublisher publisher = open.open(Part.STATE_PUBLISHER, DeviceStatePublisher::new);
        directory.addListener(publisher);
        ActivationMetrics activations = new ActivationMetrics(metrics.registry());
        Activation activation =
                open.open(Part.ACTIVATION, () -> new Activation(directory, Timer.JDK, activations));
        RoleRegistry roleRegistry = new RoleRegistry(storage.database(), Clock.systemUTC());
        ApplicationRoles roles =
                open.run(Part.REGISTRY, () -> new ApplicationRoles(roleRegistry.all()));
        ClientObserver clients =
                new ApplicationClients(directory, roles, new DeviceClients(directory, activation));
        Management management = Management.of(config, open, storage, metrics);
        ProductTopics topics = new ProductTopics();
        List<AuthenticatorProvider> builtIn =
                List.of(
                        deviceSecrets(open, storage.devices(), directory, topics, activations),
                        applications(config, storage.cipher(), directory, roles));
        SignIn signIn = openSignIn(config, open, builtIn, directory, metrics);
        AuditedSignIn audited = new AuditedSignIn(signIn, management.trail());
        Broker broker = startBroker(config, open, audited, clients, metrics);
        storage.devices()
                .addListener(new ProductChanges(topics, broker.clients()::permissionsChanged));
        broker.subscribe(Activation.REPLIES, activation::replied);
        ServedRegistry stored = served(storage.database(), storage.devices().timeout());
        Commands commands = openServices(open, stored, broker, metrics);
        publisher.publishTo(broker::publish);
        open.open(
                Part.PRESENT_STATES,
                () -> presentStates(storage.devices(), directory, publisher, broker));

        Readiness readiness =
                open.open(Part.READINESS, () -> readiness(storage.devices(), directory, broker));
        AccessChanges access =
                new AccessChanges(roleRegistry, storage.applications(), roles, broker.clients());
        ManagementApi api =
                management.start(
                        new ManagedHub(
                                managed(storage, stored, directory, broker, commands),
                                new ManagedHub.SignIns(
                                        access,
                                        config.authentication().scramIterations(),
                                        signIn.bars()),
                                broker.clients(),
                                broker.drain(),
                                readiness,
                                metrics.registry()));
        readiness.listenersAccept();
        return new Hub(open, broker.addresses(), api.address(), firstStart);
    }

    private static DemoSetup demo(HubConfig config, Storage storage) {
        return new DemoSetup(
                storage.folder(),
                storage.devices(),
                storage.applications(),
                config.authentication().scramIterations());
    }

    private static HubMetrics metrics(DeviceDirectory directory) {
        HubMetrics metrics = new HubMetrics();
        metrics.watchDevices(directory::counts);
        metrics.watchRegistry(directory.registryWatch(), directory::statesWaiting);
        metrics.watchProducts(directory::countsOfLargestProducts);
        return metrics;
    }

    private static ServedRegistry served(RegistryDatabase database, Duration deadline) {
        return new ServedRegistry(
                new DeviceValues(database),
                new FirmwareTable(database, Clock.systemUTC()),
                deadline);
    }

    private static ManagedDevices managed(
            Storage storage,
            ServedRegistry stored,
            DeviceDirectory directory,
            Broker broker,
            Commands commands) {
        return new ManagedDevices(
                storage.devices(),
                new DeviceRecords(storage.database()),
                stored.values(),
                stored.firmware(),
                directory,
                broker.clients(),
                commands);
    }

    private static PresentStates presentStates(
            DeviceRegistry devices,
            DeviceDirectory directory,
            DeviceStatePublisher publisher,
            Broker broker) {
        return PresentStates.publish(
                devices::listStates,
                directory::whenListenersCaughtUp,
                publisher,
                broker::hasRoomToRetain,
                PresentStates.Pace.GENTLE);
    }

    private static DeviceDirectory openDirectory(
            HubConfig config, OpenParts open, Storage storage) {
        return open.open(
                Part.DIRECTORY,
                () ->
                        DeviceDirectory.open(
                                storage.devices(),
                                storage.applications(),
                                settings(config.devices(), config.registry().outageGrace()),
                                Clock.systemUTC(),
                                Ticker.systemTicker()));
    }

    private static Commands openServices(
            OpenParts open, ServedRegistry stored, Broker broker, HubMetrics metrics) {
        Clock clock = Clock.systemUTC();
        ServiceMetrics counted = new ServiceMetrics(metrics.registry());
        Commands commands = new Commands(broker.clients()::send, Timer.JDK, clock, counted);
        DeviceServices services =
                open.open(
                        Part.SERVICES,
                        () -> new DeviceServices(stored, commands, clock, broker::answer, counted));
        broker.subscribe(DeviceServices.FILTER, services::received);
        ApplicationCommands applications =
                new ApplicationCommands(
                        commands,
                        client ->
                                broker.clients()
                                        .find(client)
                                        .map(found -> found.identity().permissions()),
                        broker::answer,
                        counted);
        broker.subscribe(ApplicationCommands.FILTER, applications::received);
        return commands;
    }

    private static DeviceSecretProvider deviceSecrets(
            OpenParts open,
            DeviceRegistry devices,
            DeviceDirectory directory,
            ProductTopics topics,
            ActivationMetrics activations) {
        SelfRegistration registration =
                open.open(Part.REGISTRATION, () -> new SelfRegistration(devices, System::nanoTime));
        return new DeviceSecretProvider(
                directory, registration, topics, Clock.systemUTC(), activations);
    }

    private static Readiness readiness(
            DeviceRegistry devices, DeviceDirectory directory, Broker broker) {
        return new Readiness(
                () -> devices.products().list("", 1),
                READINESS_DEADLINE,
                () -> broker.drain().status().isPresent(),
                () -> directory.registryWatch().isAvailable(RegistryWatch.Operation.WRITE));
    }

    private static ApplicationProvider applications(
            HubConfig config,
            SecretCipher cipher,
            DeviceDirectory directory,
            ApplicationRoles roles) {
        return new ApplicationProvider(
                directory,
                directory,
                roles,
                config.authentication().scramIterations(),
                cipher.deriveKey("salts of SCRAM for unknown names"));
    }

    private static SignIn openSignIn(
            HubConfig config,
            OpenParts open,
            List<AuthenticatorProvider> builtIn,
            DeviceDirectory directory,
            HubMetrics metrics) {
        SignIn signIn = open.open(Part.AUTHENTICATION, () -> SignIn.of(config, builtIn, metrics));
        metrics.watchGuard(signIn.bars());
        directory.addListener(new EnabledDevices(signIn.bars()));
        return signIn;
    }

    private static Broker startBroker(
            HubConfig config,
            OpenParts open,
            AuditedSignIn signIn,
            ClientObserver clients,
            HubMetrics metrics) {
        return open.open(
                Part.BROKER,
                () -> Broker.start(config.broker(), signIn, clients, metrics.registry()));
    }

    private static DirectorySettings settings(HubConfig.Devices devices, Duration outageGrace) {
        return new DirectorySettings(
                devices.cacheMax(),
                devices.cacheIdle(),
                devices.idleTimeout(),
                devices.stateWriteInterval(),
                outageGrace);
    }

    /** The addresses on which MQTT clients are served, by listener name. */
    public Map<String, InetSocketAddress> mqttAddresses() {
        return mqttAddresses;
    }

    /** The address of the management API. */
    public InetSocketAddress managementAddress() {
        return managementAddress;
    }

    /** What the first start made, if this start was it. */
    public Optional<FirstStart> firstStart() {
        return firstStart;
    }

    /**
     * Stops: no new clients, those connected are told, device states are written, and everything is
     * closed. Blocks until done; a second call does nothing.
     */
    @Override
    public void close() {
        open.close();
    }
}
