package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.auth.application.ApplicationProvider;
import io.muster.auth.certificate.CertificateProvider;
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
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.signin.CertificateSignIn;
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
import io.muster.hub.products.ProductChanges;
import io.muster.hub.products.SelfRegistration;
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
    private final Addresses addresses;
    private final Optional<FirstStart> firstStart;

    /** Where things are. */
    private record Addresses(
            Map<String, InetSocketAddress> mqtt,
            InetSocketAddress management,
            Optional<InetSocketAddress> managementTls,
            Optional<Path> bundle) {}

    private Hub(OpenParts open, Addresses addresses, Optional<FirstStart> firstStart) {
        this.open = open;
        this.addresses = addresses;
        this.firstStart = firstStart;
    }

    /**
     * Starts a hub. Blocks until all its listeners accept connections.
     *
     * @throws HubStartException naming what failed; nothing is left open then
     */
    public static Hub start(HubConfig config) {
        return start(config, Clock.systemUTC());
    }

    /** The same where another clock says which certificates and lists are good. */
    static Hub start(HubConfig config, Clock ofCertificates) {
        OpenParts open = new OpenParts();
        try {
            return assemble(config, open, ofCertificates);
        } catch (RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    /** What everything else stands on. */
    private record Ground(
            HubConfig config,
            OpenParts open,
            Storage storage,
            DeviceDirectory directory,
            HubMetrics metrics,
            CertificateParts certificates) {}

    /** What applications may do, and which are kept out. */
    private record Accounts(
            RoleRegistry registry, ApplicationRoles roles, DisabledAccounts disabled) {}

    /** The broker, and who lets clients in there. */
    private record Entrance(Broker broker, SignIn signIn, RefusedSignIns refusals) {}

    /** What the broker does for devices. */
    private record Services(ServedRegistry stored, ServedDevices served, DeviceSessions sessions) {}

    private static Hub assemble(HubConfig config, OpenParts open, Clock ofCertificates) {
        Storage storage = Storage.open(config, open);
        Optional<FirstStart> firstStart =
                open.run(Part.REGISTRY, () -> demo(config, storage).run());
        DeviceDirectory directory = openDirectory(config, open, storage);
        HubMetrics metrics = open.open(Part.METRICS, () -> metrics(directory));
        CertificateParts certificates =
                CertificateParts.open(
                        config, open, storage, directory.registryWatch(), metrics, ofCertificates);
        Ground ground = new Ground(config, open, storage, directory, metrics, certificates);
        return new Hub(open, serve(ground), firstStart);
    }

    private static Addresses serve(Ground ground) {
        OpenParts open = ground.open();
        DeviceDirectory directory = ground.directory();
        Storage storage = ground.storage();
        DeviceStatePublisher publisher = open.open(Part.STATE_PUBLISHER, DeviceStatePublisher::new);
        directory.addPublisher(publisher);
        ActivationMetrics activations = new ActivationMetrics(ground.metrics().registry());
        Activation activation = openActivation(open, directory, activations);
        ProductTopics topics = new ProductTopics();
        Gateways gateways =
                openGateways(
                        ground.config(),
                        open,
                        directory,
                        topics,
                        registryOfGateways(ground.config(), storage));
        Accounts accounts = openAccounts(open, storage);
        Management management =
                Management.of(
                        ground.config(),
                        open,
                        storage,
                        ground.metrics(),
                        ground.certificates().clock());
        Entrance entrance =
                openEntrance(
                        ground,
                        accounts,
                        new RefusedSignIns(management.trail()),
                        new DeviceClients(directory, activation, gateways),
                        deviceSecrets(
                                open, storage, directory, gateways.permissions(), activations),
                        gateways.permissions());
        Broker broker = entrance.broker();
        storage.devices()
                .addListener(
                        productChanges(topics, gateways, broker, ground.certificates().signIn()));
        broker.subscribe(Activation.REPLIES, activation::replied);
        Services services = openServices(ground, entrance, gateways);
        publisher.publishTo(broker::publish);
        Listeners listeners = new Listeners(ground.config(), open, broker, ground.certificates());
        listeners.listen(ground.metrics());
        openPresentStates(open, storage.devices(), directory, publisher, broker);
        return manage(ground, entrance, accounts, services, gateways, management, listeners);
    }

    private static Accounts openAccounts(OpenParts open, Storage storage) {
        RoleRegistry registry = new RoleRegistry(storage.database(), Clock.systemUTC());
        return new Accounts(registry, openRoles(open, registry), new DisabledAccounts());
    }

    private static Entrance openEntrance(
            Ground ground,
            Accounts accounts,
            RefusedSignIns refusals,
            ClientObserver devices,
            DeviceSecretProvider secrets,
            DevicePermissions permissions) {
        HubConfig config = ground.config();
        DeviceDirectory directory = ground.directory();
        CertificateSignIn certified = ground.certificates().signIn();
        ClientObserver admitted =
                new ApplicationClients(directory, accounts.roles(), accounts.disabled(), devices);
        List<AuthenticatorProvider> builtIn =
                List.of(
                        new CertificateProvider(certified.bindings(), directory, permissions),
                        secrets,
                        applications(
                                config, ground.storage().cipher(), directory, accounts.roles()));
        SignIn signIn = openSignIn(config, ground.open(), builtIn, directory, ground.metrics());
        Broker broker =
                prepareBroker(
                        config,
                        ground.open(),
                        new AuditedSignIn(certified.before(signIn, directory), refusals),
                        new AuditedClients(certified.before(admitted, directory), refusals),
                        ground.metrics());
        certified.endBy(broker.clients());
        return new Entrance(broker, signIn, refusals);
    }

    private static Services openServices(Ground ground, Entrance entrance, Gateways gateways) {
        Storage storage = ground.storage();
        ServedRegistry stored = served(storage, new DeviceValues(storage.database()));
        ServedDevices served =
                ServedDevices.open(
                        ground.open(),
                        entrance.broker(),
                        stored,
                        gateways,
                        new GuardedSubDevices(
                                entrance.signIn(),
                                entrance.refusals(),
                                ground.directory(),
                                gateways.permissions()),
                        ground.metrics());
        DeviceSessions sessions = new DeviceSessions(served.clients(), Clock.systemUTC());
        storage.devices().addListener(sessions);
        return new Services(stored, served, sessions);
    }

    private static Addresses manage(
            Ground ground,
            Entrance entrance,
            Accounts accounts,
            Services services,
            Gateways gateways,
            Management management,
            Listeners listeners) {
        OpenParts open = ground.open();
        Storage storage = ground.storage();
        Broker broker = entrance.broker();
        CertificateParts certificates = ground.certificates();
        Readiness readiness =
                open.open(
                        Part.READINESS,
                        () -> readiness(storage.devices(), ground.directory(), broker));
        certificates.warnOn(readiness);
        AccessChanges access =
                openAccess(
                        open,
                        storage,
                        accounts.registry(),
                        accounts.roles(),
                        accounts.disabled(),
                        broker);
        DeviceCertificates issued =
                certificates.openDevices(ground.config(), open, storage, ground.directory());
        ManagedHub managed =
                new ManagedHub(
                        managed(
                                storage,
                                services.stored(),
                                ground.directory(),
                                services.sessions(),
                                services.served().commands(),
                                gateways),
                        signIns(ground.config(), access, entrance.signIn()),
                        services.served().clients(),
                        broker.drain(),
                        readiness,
                        ground.metrics().registry(),
                        issued);
        ManagementApi api =
                management.start(
                        managed,
                        listeners.managementTls(),
                        callers -> certificates.resources(issued, ground.directory(), callers));
        listeners.watch(api);
        certificates.signIn().start(() -> listeners.renew(api));
        readiness.listenersAccept();
        return new Addresses(
                broker.addresses(), api.address(), api.tlsAddress(), certificates.bundleFile());
    }

    private static ApplicationRoles openRoles(OpenParts open, RoleRegistry registry) {
        return open.run(Part.REGISTRY, () -> new ApplicationRoles(registry.all()));
    }

    private static Activation openActivation(
            OpenParts open, DeviceDirectory directory, ActivationMetrics metrics) {
        return open.open(Part.ACTIVATION, () -> new Activation(directory, Timer.JDK, metrics));
    }

    private static ProductChanges productChanges(
            ProductTopics topics, Gateways gateways, Broker broker, CertificateSignIn certified) {
        return new ProductChanges(
                topics,
                gateways::actingFor,
                broker.clients()::permissionsChanged,
                certified::endUncertified);
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
        return addresses.mqtt();
    }

    /** The address of the management API. */
    public InetSocketAddress managementAddress() {
        return addresses.management();
    }

    /** Its address over TLS, if it speaks that. */
    public Optional<InetSocketAddress> managementTlsAddress() {
        return addresses.managementTls();
    }

    /**
     * The file with what clients of the hub are to trust, in PEM; empty if it has no authority of
     * its own.
     */
    public Optional<Path> authorityBundle() {
        return addresses.bundle();
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
