package io.muster.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.auth.application.StoredPassword;
import io.muster.auth.roles.ApplicationRoles;
import io.muster.auth.secret.ProductTopics;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.details.LastClient;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DeviceDirectory.SignedIn;
import io.muster.devices.directory.DirectorySettings;
import io.muster.devices.outage.RegistryWatch.Operation;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.applications.RoleRegistry;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.firmware.FirmwareTable;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.OperatorAccounts;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.topology.Topology;
import io.muster.hub.HttpCaller;
import io.muster.hub.HttpCaller.Answer;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Callers;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.accounts.AccountResource;
import io.muster.hub.api.accounts.ApiKeyResource;
import io.muster.hub.api.accounts.AuditResource;
import io.muster.hub.api.accounts.MeResource;
import io.muster.hub.api.applications.RoleResource;
import io.muster.hub.api.devices.ManagedDevices;
import io.muster.hub.api.enos.EnosResource;
import io.muster.hub.api.gateways.SubDeviceResource;
import io.muster.hub.api.http.PeerCertificates;
import io.muster.hub.api.http.Resource;
import io.muster.hub.applications.AccessChanges;
import io.muster.hub.applications.DisabledAccounts;
import io.muster.hub.audit.AuditSettings;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.certificates.enrolment.RequestRate;
import io.muster.hub.commands.Commands;
import io.muster.hub.config.HubConfig;
import io.muster.hub.devices.DeviceSessions;
import io.muster.hub.gateways.Gateways;
import io.muster.hub.monitoring.AuditMetrics;
import io.muster.hub.monitoring.Readiness;
import io.muster.hub.monitoring.ServiceMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A management API over a real registry and directory, with clients that the test names. */
final class ApiFixture implements AutoCloseable {

    static final String TOKEN = "the-operator-token-of-this-test-hub";

    private final RegistryDatabase database;
    private final DeviceDirectory directory;
    private final FixtureCertificates certificates;
    private final ManagedHub managedHub;
    private final FakeClients clients;
    private final ApplicationRoles roles;
    private final DisabledAccounts disabled = new DisabledAccounts();
    private final AccessChanges access;
    private final Gateways gateways;
    private final FakeDrain drain = new FakeDrain();
    private final FakeBars bars = new FakeBars();
    private final AuditLog auditLog;
    private final AuditTrail trail;
    private final Operators operators;
    private final Acts acts;
    private final ManagementApi api;

    private ApiFixture(RegistryDatabase database, Optional<Path> authority) throws IOException {
        this.database = database;
        DeviceRegistry registry = new DeviceRegistry(database, Clock.systemUTC());
        ApplicationRegistry applications = new ApplicationRegistry(database, Clock.systemUTC());
        this.directory = directory(registry, applications);
        this.certificates = new FixtureCertificates(authority, database, registry, directory);
        this.clients = new FakeClients();
        RoleRegistry roleRegistry = new RoleRegistry(database, Clock.systemUTC());
        this.roles = new ApplicationRoles(roleRegistry.all());
        Commands commands =
                new Commands(
                        clients::send,
                        (task, delayMillis) -> {},
                        Clock.systemUTC(),
                        new ServiceMetrics(new SimpleMeterRegistry()));
        this.gateways =
                new Gateways(
                        directory,
                        new ProductTopics(),
                        new Gateways.Registry(
                                registry, new Topology(database, 100, Clock.systemUTC())),
                        new Gateways.Settings(2, Duration.ofSeconds(5)),
                        Clock.systemUTC());
        gateways.start(clients, commands::nextId, (message, answer) -> {});
        this.access = new AccessChanges(roleRegistry, applications, roles, disabled, clients);
        DeviceSessions sessions = new DeviceSessions(clients, Clock.systemUTC());
        registry.addListener(sessions);
        this.managedHub = managedHub(registry, sessions, commands);
        this.auditLog = new AuditLog(database);
        this.trail =
                new AuditTrail(
                        auditLog,
                        AuditSettings.DEFAULT,
                        database.timeout(),
                        Clock.systemUTC(),
                        new AuditMetrics(managedHub.meters()));
        this.operators = operators(database);
        this.acts = new Acts(trail);
        this.api = start(0);
    }

    private ManagedHub managedHub(
            DeviceRegistry registry, DeviceSessions sessions, Commands commands) {
        return new ManagedHub(
                new ManagedDevices(
                        registry,
                        new DeviceRecords(database),
                        new DeviceValues(database),
                        new FirmwareTable(database, Clock.systemUTC()),
                        directory,
                        sessions,
                        commands,
                        gateways),
                new ManagedHub.SignIns(access, StoredPassword.SCRAM_ITERATIONS_MIN, bars),
                clients,
                drain,
                new Readiness(
                        () -> registry.products().list("", 1),
                        Duration.ofSeconds(5),
                        () -> drain.status().isPresent(),
                        () -> directory.registryWatch().isAvailable(Operation.WRITE),
                        () -> directory.registryWatch().isDamaged()),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                certificates.certificates());
    }

    private static DeviceDirectory directory(
            DeviceRegistry registry, ApplicationRegistry applications) {
        return DeviceDirectory.open(
                registry,
                applications,
                new DirectorySettings(
                        100,
                        Duration.ofMinutes(1),
                        Duration.ZERO,
                        Duration.ofMillis(50),
                        Duration.ofHours(1)),
                Clock.systemUTC(),
                Ticker.systemTicker());
    }

    private static Operators operators(RegistryDatabase database) {
        return new Operators(
                TOKEN,
                new OperatorAccounts(database, Clock.systemUTC()),
                new ApiKeys(database, Clock.systemUTC()),
                Clock.systemUTC(),
                Ticker.systemTicker());
    }

    /** Starts another server for the same hub. */
    ManagementApi start(int port, Resource... more) {
        List<Resource> resources = new ArrayList<>(resources());
        resources.addAll(List.of(more));
        return ManagementApi.start(
                new HubConfig.Management("127.0.0.1", port),
                Optional.empty(),
                new Callers(operators, devices()),
                acts,
                managedHub,
                resources);
    }

    private DeviceCallers devices() {
        return new DeviceCallers(
                new DeviceCallers.Known(
                        directory,
                        new CertificateRegistry(database)::findByFingerprint,
                        PeerCertificates.NONE),
                operators,
                trail,
                new RequestRate(240, Ticker.systemTicker()),
                Clock.systemUTC(),
                Ticker.systemTicker());
    }

    /** Those of other rooms. */
    List<Resource> resources() {
        List<Resource> all =
                new ArrayList<>(
                        List.of(
                                new RoleResource(managedHub.signIns().access()),
                                new SubDeviceResource(managedHub.devices()),
                                new AccountResource(operators.accounts()),
                                new ApiKeyResource(operators.keys(), Clock.systemUTC()),
                                new MeResource(operators),
                                new AuditResource(auditLog),
                                new EnosResource(
                                        operators,
                                        acts,
                                        managedHub.devices(),
                                        managedHub.certificates(),
                                        Clock.systemUTC(),
                                        Ticker.systemTicker())));
        all.addAll(certificates.resources(devices()));
        return all;
    }

    static ApiFixture start(Path folder) {
        return start(folder, Duration.ofSeconds(2));
    }

    /** With a registry that nobody waits longer for. */
    static ApiFixture start(Path folder, Duration registryTimeout) {
        return start(folder, registryTimeout, Optional.empty());
    }

    /** With an authority of its own, whose keys take a moment. */
    static ApiFixture startWithCertificates(Path folder) {
        return start(folder, Duration.ofSeconds(5), Optional.of(folder));
    }

    private static ApiFixture start(
            Path folder, Duration registryTimeout, Optional<Path> authority) {
        try {
            return new ApiFixture(
                    RegistryDatabase.open(
                            new RegistrySettings(
                                    "jdbc:sqlite:" + folder.resolve("registry.db"),
                                    "",
                                    "",
                                    2,
                                    registryTimeout),
                            SecretCipher.load(folder.resolve("secret.key"))),
                    authority);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpCaller operator() {
        return HttpCaller.of(api.address(), TOKEN);
    }

    Operators operators() {
        return operators;
    }

    AuditLog auditLog() {
        return auditLog;
    }

    InetSocketAddress address() {
        return api.address();
    }

    RegistryDatabase database() {
        return database;
    }

    ApplicationRegistry applications() {
        return managedHub.signIns().access().registry();
    }

    /** What is in force. */
    ApplicationRoles roles() {
        return roles;
    }

    /** A device signs in. */
    CompletionStage<Device> signIn(DeviceId id) {
        return signIn(id, Optional.empty());
    }

    /** It does so by a client. */
    CompletionStage<Device> signIn(DeviceId id, Optional<LastClient> client) {
        return directory
                .withDevice(id, () -> directory.signedIn(id, Optional.empty(), client))
                .thenApply(SignedIn::device);
    }

    DeviceDirectory directory() {
        return directory;
    }

    FakeClients clients() {
        return clients;
    }

    AuditTrail trail() {
        return trail;
    }

    FakeBars bars() {
        return bars;
    }

    FakeDrain drain() {
        return drain;
    }

    Readiness readiness() {
        return managedHub.readiness();
    }

    PrometheusMeterRegistry meters() {
        return managedHub.meters();
    }

    ManagedHub managedHub() {
        return managedHub;
    }

    /** What the audit log says more of the last such act, so far: that is written behind. */
    String auditDetail(String act) {
        return operator()
                .get("/api/v1/audit?limit=1&act=" + act)
                .json()
                .at("/items/0/detail")
                .asText();
    }

    /** The answer is a problem details object whose detail tells {@code detail}. */
    static void assertProblem(Answer answer, int status, String detail) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().fieldNames())
                .toIterable()
                .containsExactly("type", "title", "status", "detail");
        assertThat(answer.json().path("type").asText()).isEqualTo("about:blank");
        assertThat(answer.json().path("title").asText()).isNotEmpty();
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.json().path("detail").asText()).contains(detail);
    }

    @Override
    public void close() {
        api.close();
        certificates.close();
        access.close();
        operators.close();
        trail.close();
        managedHub.readiness().close();
        gateways.close();
        directory.close();
        database.close();
    }
}
