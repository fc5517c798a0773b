package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.OperatorAccounts;
import io.muster.hub.api.ManagedHub;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Callers;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.accounts.AccountResource;
import io.muster.hub.api.accounts.ApiKeyResource;
import io.muster.hub.api.accounts.AuditResource;
import io.muster.hub.api.accounts.MeResource;
import io.muster.hub.api.applications.RoleResource;
import io.muster.hub.api.enos.EnosResource;
import io.muster.hub.api.gateways.SubDeviceResource;
import io.muster.hub.api.http.PeerCertificates;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.tls.ManagementTls;
import io.muster.hub.audit.AuditSettings;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.certificates.enrolment.RequestRate;
import io.muster.hub.config.HubConfig;
import io.muster.hub.monitoring.AuditMetrics;
import io.muster.hub.monitoring.HubMetrics;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What operators come in by, and where it is written what they do. Confined to whoever starts a
 * hub; its parts are shared.
 */
final class Management {

    /** Of all kinds, for each certificate that a device may ask for. */
    private static final int REQUESTS_FOR_EACH = 4;

    private final HubConfig config;
    private final OpenParts open;
    private final Storage storage;
    private final AuditLog log;
    private final AuditTrail trail;
    private final Clock clock;

    private Management(
            HubConfig config,
            OpenParts open,
            Storage storage,
            AuditLog log,
            AuditTrail trail,
            Clock clock) {
        this.config = config;
        this.open = open;
        this.storage = storage;
        this.log = log;
        this.trail = trail;
        this.clock = clock;
    }

    /**
     * Opens the audit log, which the sign-ins of clients need too.
     *
     * @param clock by which devices and their certificates are judged
     */
    static Management of(
            HubConfig config, OpenParts open, Storage storage, HubMetrics metrics, Clock clock) {
        AuditLog log = new AuditLog(storage.database());
        HubConfig.Audit audit = config.management().audit();
        AuditTrail trail =
                open.open(
                        Part.AUDIT,
                        () ->
                                new AuditTrail(
                                        log,
                                        new AuditSettings(
                                                audit.retention(),
                                                audit.rowsMax(),
                                                audit.refusalsPerMinute()),
                                        config.registry().timeout(),
                                        Clock.systemUTC(),
                                        new AuditMetrics(metrics.registry())));
        return new Management(config, open, storage, log, trail, clock);
    }

    /** Where it is written what operators do, and who was refused. */
    AuditTrail trail() {
        return trail;
    }

    /**
     * Starts the server.
     *
     * @param tls what it shows over TLS, if it speaks that
     * @param more resources of other rooms
     */
    ManagementApi start(
            ManagedHub managed,
            Optional<ManagementTls> tls,
            Function<DeviceCallers, List<Resource>> more) {
        Operators operators = open.open(Part.OPERATORS, this::operators);
        Acts acts = new Acts(trail);
        DeviceCallers devices = devices(managed, operators, tls);
        return open.open(
                Part.MANAGEMENT_API,
                () ->
                        ManagementApi.start(
                                config.management(),
                                tls,
                                new Callers(operators, devices),
                                acts,
                                managed,
                                resources(managed, operators, acts, more.apply(devices))));
    }

    private Operators operators() {
        Clock clock = Clock.systemUTC();
        return new Operators(
                storage.operatorToken(),
                new OperatorAccounts(storage.database(), clock),
                new ApiKeys(storage.database(), clock),
                clock,
                Ticker.systemTicker());
    }

    private DeviceCallers devices(
            ManagedHub managed, Operators operators, Optional<ManagementTls> tls) {
        return new DeviceCallers(
                new DeviceCallers.Known(
                        managed.devices().directory(),
                        new CertificateRegistry(storage.database())::findByFingerprint,
                        tls.map(ManagementTls::peers).orElse(PeerCertificates.NONE)),
                operators,
                trail,
                new RequestRate(
                        REQUESTS_FOR_EACH
                                * config.certificates().enrolment().deviceRequestsPerHour(),
                        Ticker.systemTicker()),
                clock,
                Ticker.systemTicker());
    }

    private List<Resource> resources(
            ManagedHub managed, Operators operators, Acts acts, List<Resource> more) {
        List<Resource> all = new ArrayList<>(more);
        all.add(new RoleResource(managed.signIns().access()));
        all.add(new SubDeviceResource(managed.devices()));
        all.add(new AccountResource(operators.accounts()));
        all.add(new ApiKeyResource(operators.keys(), clock));
        all.add(new MeResource(operators));
        all.add(new AuditResource(log));
        all.add(
                new EnosResource(
                        operators,
                        acts,
                        managed.devices(),
                        managed.certificates(),
                        clock,
                        Ticker.systemTicker()));
        return all;
    }
}
