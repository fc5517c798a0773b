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
import io.muster.devices.registry.ApplicationRegistry;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.SecretCipher;
import io.muster.devices.registry.SqliteLibrary;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.OperatorAccounts;
import io.muster.devices.registry.roles.RoleRegistry;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.hub.api.ManagedDevices;
import io.muster.hub.api.ManagedHub;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.Resource;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.accounts.AccountResource;
import io.muster.hub.api.accounts.ApiKeyResource;
import io.muster.hub.api.accounts.AuditResource;
import io.muster.hub.api.accounts.MeResource;
import io.muster.hub.api.enos.EnosResource;
import io.muster.hub.api.roles.RoleResource;
import io.muster.hub.applications.AccessChanges;
import io.muster.hub.applications.ApplicationClients;
import io.muster.hub.audit.AuditSettings;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.audit.AuditedSignIn;
import io.muster.hub.commands.ApplicationCommands;
import io.muster.hub.commands.Commands;
import io.muster.hub.commands.Timer;
import io.muster.hub.config.HubConfig;
import io.muster.hub.monitoring.ActivationMetrics;
import io.muster.hub.monitoring.AuditMetrics;
import io.muster.hub.monitoring.HubMetrics;
import io.muster.hub.monitoring.Readiness;
import io.muster.hub.monitoring.ServiceMetrics;
import io.muster.hub.products.ProductChanges;
import io.muster.hub.products.SelfRegistration;
import io.muster.hub.services.DeviceServices;
import io.muster.hub.services.ServedRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
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
        DataFolder folder = open.open(Part.DATA_FOLDER, () -> DataFolder.open(config.dataFolder()));
        SecretCipher cipher =
                open.run(Part.REGISTRY, () -> SecretCipher.load(folder.secretKeyFile()));
        RegistryDatabase database = openDatabase(config, open, folder, cipher);
        // Made when there is a registry: from then on one that is missing is lost.
        String token = open.run(Part.DATA_FOLDER, folder::operatorToken);
        DeviceRegistry devices = new DeviceRegistry(database, Clock.systemUTC());
        ApplicationRegistry applications = new ApplicationRegistry(database, Clock.systemUTC());
        int scramIterations = config.authentication().scramIterations();
        DemoSetup demo = new DemoSetup(folder, devices, applications, scramIterations);
        Optional<FirstStart> firstStart = open.run(Part.REGISTRY, demo::run);
        DeviceDirectory directory = openDirectory(config, open, devices, applications);

        HubMetrics metrics = open.open(Part.METRICS, () -> metrics(directory));
        DeviceStatePublisher publisher = open.open(Part.STATE_PUBLISHER, DeviceStatePublisher::new);
        directory.addListener(publisher);
        ActivationMetrics activations = new ActivationMetrics(metrics.registry());
        Activation activation =
                open.open(Part.ACTIVATION, () -> new Activation(directory, Timer.JDK, activations));
        RoleRegistry roleRegistry = new RoleRegistry(database, Clock.systemUTC());
        ApplicationRoles roles =
                open.run(Part.REGISTRY, () -> new ApplicationRoles(roleRegistry.all()));
        ClientObserver clients =
                new ApplicationClients(directory, roles, new DeviceClients(directory, activation));
        AuditLog auditLog = new AuditLog(database);
        AuditTrail trail = openTrail(config, open, auditLog, metrics);
        ProductTopics topics = new ProductTopics();
        DeviceSecretProvider deviceSecrets =
                deviceSecrets(open, devices, directory, topics, activations);
        SignIn signIn = openSignIn(config, open, directory, roles, deviceSecrets, cipher, metrics);
        Broker broker =
                startBroker(config, open, new AuditedSignIn(signIn, trail), clients, metrics);
        devices.addListener(new ProductChanges(topics, broker.clients()::permissionsChanged));
        broker.subscribe(Activation.REPLIES, activation::replied);
        ServedRegistry stored = served(database, devices.timeout());
        Commands commands = openServices(open, stored, broker, metrics);
        publisher.publishTo(broker::publish);
        open.open(Part.PRESENT_STATES, () -> presentStates(devices, directory, publisher, broker));

        Readiness readiness =
                open.open(Part.READINESS, () -> readiness(devices, directory, broker));
        AccessChanges access =
                new AccessChanges(roleRegistry, applications, roles, broker.clients());
        DeviceRecords records = new DeviceRecords(database);
        ManagedHub managed =
                new ManagedHub(
                        managed(devices, records, stored, directory, broker, commands),
                        new ManagedHub.SignIns(access, scramIterations, signIn.bars()),
                        broker.clients(),
                        broker.drain(),
                        readiness,
                        metrics.registry());
        Operators operators = open.open(Part.OPERATORS, () -> operators(token, database));
        Acts acts = new Acts(trail);
        ManagementApi api =
                open.open(
                        Part.MANAGEMENT_API,
                        () ->
                                ManagementApi.start(
                                        config.management(),
                                        operators,
                                        acts,
                                        managed,
                                        resources(managed, operators, acts, auditLog)));
        readiness.listenersAccept();
        return new Hub(open, broker.addresses(), api.address(), firstStart);
    }

    private static RegistryDatabase openDatabase(
            HubConfig config, OpenParts open, DataFolder folder, SecretCipher cipher) {
        RegistrySettings registry = settings(config.registry());
        if (registry.isSqlite()) {
            SqliteLibrary.keepIn(folder.path());
        }
        return open.open(
                Part.REGISTRY,
                () -> {
                    if (registry.isSqlite()) {
                        folder.requireKept(Path.of(registry.sqliteFile()));
                    }
                    return RegistryDatabase.open(registry, cipher);
                });
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
            DeviceRegistry devices,
            DeviceRecords records,
            ServedRegistry stored,
            DeviceDirectory directory,
            Broker broker,
            Commands commands) {
        return new ManagedDevices(
                devices,
                records,
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

    private static AuditTrail openTrail(
            HubConfig config, OpenParts open, AuditLog auditLog, HubMetrics metrics) {
        HubConfig.Audit audit = config.management().audit();
        return open.open(
                Part.AUDIT,
                () ->
                        new AuditTrail(
                                auditLog,
                                new AuditSettings(
                                        audit.retention(),
                                        audit.rowsMax(),
                                        audit.refusalsPerMinute()),
                                config.registry().timeout(),
                                Clock.systemUTC(),
                                new AuditMetrics(metrics.registry())));
    }

    private static Operators operators(String token, RegistryDatabase database) {
        Clock clock = Clock.systemUTC();
        return new Operators(
                token,
                new OperatorAccounts(database, clock),
                new ApiKeys(database, clock),
                clock,
                Ticker.systemTicker());
    }

    private static List<Resource> resources(
            ManagedHub managed, Operators operators, Acts acts, AuditLog auditLog) {
        Clock clock = Clock.systemUTC();
        return List.of(
                new RoleResource(managed.signIns().access()),
                new AccountResource(operators.accounts()),
                new ApiKeyResource(operators.keys(), clock),
                new MeResource(),
                new AuditResource(auditLog),
                new EnosResource(operators, acts, managed.devices(), clock, Ticker.systemTicker()));
    }

    private static DeviceDirectory openDirectory(
            HubConfig config,
            OpenParts open,
            DeviceRegistry devices,
            ApplicationRegistry applications) {
        return open.open(
                Part.DIRECTORY,
                () ->
                        DeviceDirectory.open(
                                devices,
                                applications,
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

    private static SignIn openSignIn(
            HubConfig config,
            OpenParts open,
            DeviceDirectory directory,
            ApplicationRoles roles,
            DeviceSecretProvider deviceSecrets,
            SecretCipher cipher,
            HubMetrics metrics) {
        List<AuthenticatorProvider> builtIn =
                List.of(
                        deviceSecrets,
                        new ApplicationProvider(
                                directory,
                                directory,
                                roles,
                                config.authentication().scramIterations(),
                                cipher.deriveKey("salts of SCRAM for unknown names")));
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

    private static RegistrySettings settings(HubConfig.Registry registry) {
        return new RegistrySettings(
                registry.jdbcUrl(),
                registry.username(),
                registry.password(),
                registry.connectionsMax(),
                registry.timeout());
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
