package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.application.ApplicationProvider;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DevicePermissions;
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
import io.muster.devices.registry.applications.RoleRegistry;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.api.ManagedHub;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.devices.ManagedDevices;
import io.muster.hub.applications.AccessChanges;
import io.muster.hub.applications.ApplicationClients;
import io.muster.hub.applications.DisabledAccounts;
import io.muster.hub.audit.AuditedClients;
import io.muster.hub.audit.AuditedSignIn;
import io.muster.hub.audit.RefusedSignIns;
import io.muster.hub.commands.Commands;
import io.muster.hub.commands.Timer;
import io.muster.hub.config.HubConfig;
import io.muster.hub.devices.Activation;
import io.muster.hub.devices.DeviceClients;
import io.muster.hub.devices.DeviceSessions;
import io.muster.hub.devices.DeviceStatePublisher;
import io.muster.hub.devices.PresentStates;
import io.muster.hub.gateways.Gateways;
import io.muster.hub.monitoring.ActivationMetrics;
import io.muster.hub.monitoring.HubMetrics;
import io.muster.hub.monitoring.Readiness;
import io.muster.hub.monitoring.TlsFileMetrics;
import io.muster.hub.products.ProductChanges;
import io.muster.hub.products.SelfRegistration;
import io.muster.hub.services.ServedRegistry;
import io.muster.hub.tls.WatchedTlsFiles;
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
        directory.addPublisher(publisher);
        ActivationMetrics activations = new ActivationMetrics(metrics.registry());
        Activation activation = openActivation(open, directory, activations);
        DeviceValues values = new DeviceValues(storage.database());
        ProductTopics topics = new ProductTopics();
        Gateways gateways =
                openGateways(config, open, directory, topics, registryOfGateways(config, storage));
        RoleRegistry roleRegistry = new RoleRegistry(storage.database(), Clock.systemUTC());
        ApplicationRoles roles = openRoles(open, roleRegistry);
        DisabledAccounts disabled = new DisabledAccounts();
        Management management = Management.of(config, open, storage, metrics);
        RefusedSignIns refusals = new RefusedSignIns(management.trail());
        ClientObserver devices = new DeviceClients(directory, activation, gateways);
        ClientObserver admitted = new ApplicationClients(directory, roles, disabled, devices);
        ClientObserver clients = new AuditedClients(admitted, refusals);
        DeviceSecretProvider secrets =
                deviceSecrets(open, storage, directory, gateways.permissions(), activations);
        List<AuthenticatorProvider> builtIn =
                List.of(secrets, applications(config, storage.cipher(), directory, roles));
        SignIn signIn = openSignIn(config, open, builtIn, directory, metrics);
        Broker broker =
                prepareBroker(config, open, new AuditedSignIn(signIn, refusals), clients, metrics);
        storage.devices().addListener(productChanges(topics, gateways, broker));
        broker.subscribe(Activation.REPLIES, activation::replied);
        ServedRegistry stored = served(storage, values);
        ServedDevices served =
                ServedDevices.open(
                        open,
                        broker,
                        stored,
                        gateways,
                        new GuardedSubDevices(signIn, refusals, directory, gateways.permissions()),
                        metrics);
        DeviceSessions sessions = new DeviceSessions(served.clients(), Clock.systemUTC());
        storage.devices().addListener(sessions);
        publisher.publishTo(broker::publish);
        listen(config, open, broker, metrics);
        openPresentStates(open, storage.devices(), directory, publisher, broker);

        Readiness readiness =
                open.open(Part.READINESS, () -> readiness(storage.devices(), directory, broker));
        AccessChanges access = openAccess(open, storage, roleRegistry, roles, disabled, broker);
        ManagedHub managed =
                new ManagedHub(
                        managed(storage, stored, directory, sessions, served.commands(), gateways),
                        signIns(config, access, signIn),
                        served.clients(),
                        broker.drain(),
                        readiness,
                        metrics.registry());
        ManagementApi api = management.start(managed);
        readiness.listenersAccept();
        return new Hub(open, broker.addresses(), api.address(), firstStart);
    }

    private static ApplicationRoles openRoles(OpenParts open, RoleRegistry registry) {
        return open.run(Part.REGISTRY, () -> new ApplicationRoles(registry.all()));
    }

    private static Activation openActivation(
            OpenParts open, DeviceDirectory directory, ActivationMetrics metrics) {
        return open.open(Part.ACTIVATION, () -> new Activation(directory, Timer.JDK, metrics));
    }

    private static ProductChanges productChanges(
            ProductTopics topics, Gateways gateways, Broker broker) {
        return new ProductChanges(
                topics, gateways::actingFor, broker.clients()::permissionsChanged);
    }

    private static AccessChanges openAccess(
            OpenParts open,
            Storage storage,
            RoleRegistry roleRegistry,
            ApplicationRoles roles,
            DisabledAccounts disabled,
            Broker broker) {
        return open.open(
                Part.ACCESS,
                () ->
                        new AccessChanges(
                                roleRegistry,
                                storage.applications(),
                                roles,
                                disabled,
                                broker.clients()));
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

    private static ServedRegistry served(Storage storage, DeviceValues values) {
        return new ServedRegistry(
                values,
                new FirmwareTable(storage.database(), Clock.systemUTC()),
                storage.devices().timeout());
    }

    private static ManagedDevices managed(
            Storage storage,
            ServedRegistry stored,
            DeviceDirectory directory,
            DeviceSessions sessions,
            Commands commands,
            Gateways gateways) {
        return new ManagedDevices(
                storage.devices(),
                new DeviceRecords(storage.database()),
                stored.values(),
                stored.firmware(),
                directory,
                sessions,
                commands,
                gateways);
    }

    private static ManagedHub.SignIns signIns(
            HubConfig config, AccessChanges access, SignIn signIn) {
        return new ManagedHub.SignIns(
                access, config.authentication().scramIterations(), signIn.bars());
    }

    private static void openPresentStates(
            OpenParts open,
            DeviceRegistry devices,
            DeviceDirectory directory,
            DeviceStatePublisher publisher,
            Broker broker) {
        open.open(
                Part.PRESENT_STATES,
                () ->
                        PresentStates.publish(
                                devices::listStates,
                                directory::whenPublisherCaughtUp,
                                publisher,
                                broker::hasRoomToRetain,
                                PresentStates.Pace.GENTLE));
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

    private static Gateways.Registry registryOfGateways(HubConfig config, Storage storage) {
        return new Gateways.Registry(
                storage.devices(),
                new Topology(storage.database(), config.devices().cacheMax(), Clock.systemUTC()));
    }

    private static Gateways openGateways(
            HubConfig config,
            OpenParts open,
            DeviceDirectory directory,
            ProductTopics topics,
            Gateways.Registry known) {
        // A gateway that signs in waits for its topology, and not longer than for its sign-in.
        Duration half = config.broker().limits().signInDeadline().dividedBy(2);
        Duration registry = config.registry().timeout();
        Gateways.Settings settings =
                new Gateways.Settings(
                        config.devices().subDevicesMax(),
                        half.compareTo(registry) < 0 ? half : registry);
        return open.open(
                Part.GATEWAYS,
                () -> new Gateways(directory, topics, known, settings, Clock.systemUTC()));
    }

    private static DeviceSecretProvider deviceSecrets(
            OpenParts open,
            Storage storage,
            DeviceDirectory directory,
            DevicePermissions permissions,
            ActivationMetrics activations) {
        SelfRegistration registration =
                open.open(
                        Part.REGISTRATION,
                        () -> new SelfRegistration(storage.devices(), System::nanoTime));
        return new DeviceSecretProvider(
                directory, registration, permissions, Clock.systemUTC(), activations);
    }

    private static Readiness readiness(
            DeviceRegistry devices, DeviceDirectory directory, Broker broker) {
        return new Readiness(
                () -> devices.products().list("", 1),
                READINESS_DEADLINE,
                () -> broker.drain().status().isPresent(),
                () -> directory.registryWatch().isAvailable(RegistryWatch.Operation.WRITE),
                () -> directory.registryWatch().isDamaged());
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
        // What they tried while they were disabled is forgotten.
        directory.whenEnabled(id -> signIn.bars().forgive(DeviceClaim.username(id)));
        return signIn;
    }

    /** When all is there that hears of what clients send. */
    private static void listen(
            HubConfig config, OpenParts open, Broker broker, HubMetrics metrics) {
        if (config.tls().certificates().isEmpty()) {
            var unused = open.run(Part.BROKER, () -> listening(broker, broker::listen));
            return;
        }
        WatchedTlsFiles files =
                open.open(
                        Part.TLS,
                        () ->
                                WatchedTlsFiles.open(
                                        config.tls(),
                                        new TlsFileMetrics(metrics.registry()),
                                        Clock.systemUTC()));
        var unused =
                open.run(
                        Part.BROKER,
                        () -> listening(broker, () -> broker.listen(files.settings())));
        files.watch(broker::renewTls);
    }

    private static Broker listening(Broker broker, Runnable listen) {
        listen.run();
        return broker;
    }

    private static Broker prepareBroker(
            HubConfig config,
            OpenParts open,
            AuditedSignIn signIn,
            ClientObserver clients,
            HubMetrics metrics) {
        return open.open(
                Part.BROKER,
                () -> Broker.prepare(config.broker(), signIn, clients, metrics.registry()));
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
