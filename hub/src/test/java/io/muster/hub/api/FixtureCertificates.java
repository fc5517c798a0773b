package io.muster.hub.api;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.authority.PublicAddresses;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.devices.DeviceLookup;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.hub.api.access.DeviceCallers;
import io.muster.hub.api.certificates.AuthorityResource;
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
import io.muster.hub.certificates.enrolment.SignInKeys;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.ocsp.OcspService;
import io.muster.hub.certificates.trust.TestTrust;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.config.certificates.OcspConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An authority, if there is to be one, and all that the management API does with certificates. */
final class FixtureCertificates implements AutoCloseable {

    private static final Clock CLOCK = Clock.systemUTC();

    private final Optional<OwnAuthority> authority;
    private final DeviceLookup directory;
    private final DeviceCertificates certificates;
    private final Optional<OcspService> responder;

    FixtureCertificates(
            Optional<Path> folder,
            RegistryDatabase database,
            DeviceRegistry devices,
            DeviceLookup directory)
            throws IOException {
        CertificateRevocations revocations = new CertificateRevocations(database);
        AuthorityRecords records =
                new AuthorityRecords(
                        new RegistryLedger(new CertificateRegistry(database), revocations),
                        new RegistryCrls(revocations));
        this.directory = directory;
        this.authority =
                folder.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                OwnAuthority.open(
                                        new AuthoritySetup(
                                                folder.get().resolve("ca"),
                                                AuthorityConfig.DEFAULT,
                                                new PublicAddresses("http://hub.example", 1, null)),
                                        records,
                                        CLOCK));
        this.certificates =
                DeviceCertificates.open(
                        new DeviceCertificates.Ground(
                                database,
                                devices,
                                directory,
                                TestTrust.of(CLOCK),
                                CLOCK,
                                Ticker.systemTicker(),
                                SignInKeys.ALL),
                        authority.map(
                                own ->
                                        new DeviceCertificates.Authority(
                                                DeviceIssuers.of(own, CLOCK),
                                                own.lists(),
                                                new AuthorityAudit(own.audit()),
                                                KeyBlocklist.published(),
                                                own.generations())),
                        new DeviceCertificates.Audience(
                                revoked -> CompletableFuture.completedFuture(null),
                                productKey -> List.of(),
                                new CertificateMetrics(new SimpleMeterRegistry())),
                        EnrolmentConfig.DEFAULT);
        this.responder =
                authority.map(
                        own -> OcspService.of(own, records.certificates(), OcspConfig.NONE, CLOCK));
    }

    DeviceCertificates certificates() {
        return certificates;
    }

    List<Resource> resources(DeviceCallers callers) {
        List<Resource> all = new ArrayList<>();
        authority.ifPresent(
                own ->
                        all.add(
                                new AuthorityResource(
                                        own.generations(),
                                        () ->
                                                certificates
                                                        .registry()
                                                        .countValid(CLOCK.instant()))));
        all.add(new DeviceCertificateResource(certificates, directory, CLOCK));
        all.add(new CertificateResource(certificates, directory, CLOCK));
        authority.ifPresent(
                own -> {
                    all.add(new PublicAuthority(own, CLOCK));
                    all.add(
                            new EstResource(
                                    certificates, own.hierarchy()::trusted, callers, CLOCK));
                });
        responder.ifPresent(each -> all.add(new OcspResource(each, CLOCK, System::nanoTime)));
        return all;
    }

    @Override
    public void close() {
        responder.ifPresent(OcspService::close);
        certificates.close();
        authority.ifPresent(OwnAuthority::close);
    }
}
