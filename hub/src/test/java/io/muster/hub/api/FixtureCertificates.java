package io.muster.hub.api;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.authority.PublicAddresses;
import io.muster.devices.DeviceLookup;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.certificates.CertificateResource;
import io.muster.hub.api.certificates.DeviceCertificateResource;
import io.muster.hub.api.certificates.PublicAuthority;
import io.muster.hub.api.est.EstResource;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.ocsp.OcspResource;
import io.muster.hub.certificates.authority.AuthorityRecords;
import io.muster.hub.certificates.authority.AuthoritySetup;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.enrolment.DeviceIssuers;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.ocsp.OcspService;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.config.certificates.OcspConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** An authority and all that the management API does with it. */
final class FixtureCertificates implements AutoCloseable {

    private static final Clock CLOCK = Clock.systemUTC();

    private final OwnAuthority authority;
    private final DeviceLookup directory;
    private final DeviceCertificates certificates;
    private final OcspService responder;

    FixtureCertificates(
            Path folder, RegistryDatabase database, DeviceRegistry devices, DeviceLookup directory)
            throws IOException {
        CertificateRevocations revocations = new CertificateRevocations(database);
        AuthorityRecords records =
                new AuthorityRecords(
                        new RegistryLedger(new CertificateRegistry(database), revocations),
                        new RegistryCrls(revocations));
        this.directory = directory;
        this.authority =
                OwnAuthority.open(
                        new AuthoritySetup(
                                folder.resolve("ca"),
                                AuthorityConfig.DEFAULT,
                                new PublicAddresses("http://hub.example", 1, null)),
                        records,
                        CLOCK);
        this.certificates =
                DeviceCertificates.open(
                        new DeviceCertificates.Ground(
                                database,
                                devices,
                                directory,
                                DeviceIssuers.of(authority, CLOCK),
                                CLOCK,
                                Ticker.systemTicker()),
                        new DeviceCertificates.Audience(
                                revoked -> CompletableFuture.completedFuture(null),
                                authority.lists(),
                                new AuthorityAudit(authority.audit()),
                                new CertificateMetrics(new SimpleMeterRegistry())),
                        EnrolmentConfig.DEFAULT);
        this.responder = OcspService.of(authority, records.certificates(), OcspConfig.NONE, CLOCK);
    }

    DeviceCertificates certificates() {
        return certificates;
    }

    List<Resource> resources(DeviceCallers callers) {
        return List.of(
                new PublicAuthority(authority, CLOCK),
                new DeviceCertificateResource(certificates, directory, CLOCK),
                new CertificateResource(certificates, directory, CLOCK),
                new EstResource(
                        certificates.enrolment(), authority.hierarchy()::trusted, callers, CLOCK),
                new OcspResource(responder, CLOCK, System::nanoTime));
    }

    @Override
    public void close() {
        responder.close();
        certificates.close();
        authority.close();
    }
}
