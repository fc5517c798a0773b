package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.registry.audit.AuditLog;
import io.muster.devices.registry.operators.ApiKeys;
import io.muster.devices.registry.operators.OperatorAccounts;
import io.muster.hub.api.ManagedHub;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Operators;
import io.muster.hub.api.accounts.AccountResource;
import io.muster.hub.api.accounts.ApiKeyResource;
import io.muster.hub.api.accounts.AuditResource;
import io.muster.hub.api.accounts.MeResource;
import io.muster.hub.api.applications.RoleResource;
import io.muster.hub.api.enos.EnosResource;
import io.muster.hub.api.gateways.SubDeviceResource;
import io.muster.hub.api.http.Resource;
import io.muster.hub.audit.AuditSettings;
import io.muster.hub.audit.AuditTrail;
import io.muster.hub.config.HubConfig;
import io.muster.hub.monitoring.AuditMetrics;
import io.muster.hub.monitoring.HubMetrics;
import java.time.Clock;
import java.util.List;

/**
 * What operators come in by, and where it is written what they do. Confined to whoever starts a
 * hub; its parts are shared.
 */
final class Management {

    private final HubConfig config;
    private final OpenParts open;
    private final Storage storage;
    private final AuditLog log;
    private final AuditTrail trail;

    private Management(
            HubConfig config, OpenParts open, Storage storage, AuditLog log, AuditTrail trail) {
        this.config = config;
        this.open = open;
        this.storage = storage;
        this.log = log;
        this.trail = trail;
    }

    /** Opens the audit log, which the sign-ins of clients need too. */
    static Management of(HubConfig config, OpenParts open, Storage storage, HubMetrics metrics) {
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
        return new Management(config, open, storage, log, trail);
    }

    /** Where it is written what operators do, and who was refused. */
    AuditTrail trail() {
        return trail;
    }

    /** Starts the server. */
    ManagementApi start(ManagedHub managed) {
        Operators operators = open.open(Part.OPERATORS, this::operators);
        Acts acts = new Acts(trail);
        return open.open(
                Part.MANAGEMENT_API,
                () ->
                        ManagementApi.start(
                                config.management(),
                                operators,
                                acts,
                                managed,
                                resources(managed, operators, acts)));
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

    private List<Resource> resources(ManagedHub managed, Operators operators, Acts acts) {
        Clock clock = Clock.systemUTC();
        return List.of(
                new RoleResource(managed.signIns().access()),
                new SubDeviceResource(managed.devices()),
                new AccountResource(operators.accounts()),
                new ApiKeyResource(operators.keys(), clock),
                new MeResource(operators),
                new AuditResource(log),
                new EnosResource(operators, acts, managed.devices(), clock, Ticker.systemTicker()));
    }
}
