package io.muster.hub;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.broker.net.tls.ServerCertificate;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.certificates.GoodCertificates;
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
import io.muster.hub.certificates.authority.Generations;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.authority.ServerCertificates;
import io.muster.hub.certificates.enrolment.CompromisedKeys;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.enrolment.DeviceIssuers;
import io.muster.hub.certificates.enrolment.SignInKeys;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.ocsp.OcspService;
import io.muster.hub.certificates.signin.CertificateSignIn;
import io.muster.hub.certificates.trust.OwnIssuers;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.OcspConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import io.muster.hub.monitoring.HubMetrics;
import io.muster.hub.monitoring.Readiness;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a hub has of certificates. Its parts are shared.
 *
 * @param authority the hub's own authority, if it has one
 * @param server the certificates of the hub itself, if its authority issues them
 * @param responder who says whether those of the authority are good, if somebody is to
 * @param metrics counts what the authority does
 * @param signIn lets clients in by certificates, and out
 * @param clock what time it is for all of them
 */
record CertificateParts(
        Optional<OwnAuthority> authority,
        Optional<ServerCertificates> server,
        Optional<OcspService> responder,
        CertificateMetrics metrics,
        CertificateSignIn signIn,
        Clock clock) {

    /** Within this time others are trusted after an operator has changed who issues. */
    private static final Duration TAKEN_OVER = Duration.ofSeconds(10);

    /**
     * Opens or makes them; blocks.
     *
     * @param watch knows whether the registry can be read
     * @param clock by which certificates and lists are good
     * @throws HubStartException naming what cannot be opened
     */
    static CertificateParts open(
            HubConfig config,
            OpenParts open,
            Storage storage,
            RegistryWatch watch,
            HubMetrics metrics,
            Clock clock) {
        CertificateMetrics counted = new CertificateMetrics(metrics.registry());
        if (!config.certificates().authority().enabled()) {
            return new CertificateParts(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    counted,
                    openSignIn(config, open, storage, watch, List.of(), metrics, clock),
                    clock);
        }
        AuthorityRecords records = records(storage);
        OwnAuthority authority =
                open.open(Part.AUTHORITY, () -> OwnAuthority.open(setup(config), records, clock));
        Optional<ServerCertificates> server =
                isShown(config)
                        ? Optional.of(
                                open.open(
                                        Part.SERVER_CERTIFICATES,
                                        () -> ServerCertificates.open(authority, clock)))
                        : Optional.empty();
        authority.start(counted, clock);
        CertificateSignIn signIn =
                openSignIn(config, open, storage, watch, trusted(authority), metrics, clock);
        Optional<OcspService> responder =
                openResponder(
                        config.certificates().ocsp(),
                        open,
                        () ->
                                OcspService.of(
                                        authority,
                                        records.certificates(),
                                        config.certificates().ocsp(),
                                        clock));
        authority
                .generations()
                .tell(
                        new Generations.Audience(
                                signIn.connections(),
                                () -> {
                                    signIn.useOwn(trusted(authority), TAKEN_OVER);
                                    server.ifPresent(ServerCertificates::lookSoon);
                                },
                                () -> responder.ifPresent(OcspService::lookSoon)));
        return new CertificateParts(
                Optional.of(authority), server, responder, counted, signIn, clock);
    }

    private static List<TrustedAuthority> trusted(OwnAuthority authority) {
        Map<String, X509Certificate> all = new TreeMap<>();
        authority
                .hierarchy()
                .certificates()
                .forEach((id, certificate) -> all.put(id.toString(), certificate.toJava()));
        return OwnIssuers.of(all, authority.deviceIssuers());
    }

    private static CertificateSignIn openSignIn(
            HubConfig config,
            OpenParts open,
            Storage storage,
            RegistryWatch watch,
            List<TrustedAuthority> own,
            HubMetrics metrics,
            Clock clock) {
        CertificateSignIn signIn =
                open.open(
                        Part.CERTIFICATE_SIGN_IN,
                        () ->
                                CertificateSignIn.open(
                                        config,
                                        own,
                                        new CertificateSignIn.Registry(
                                                new CertificateRegistry(storage.database()),
                                                new CertificateRevocations(storage.database()),
                                                new GoodCertificates(storage.database()),
                                                watch),
                                        metrics.registry(),
                                        clock));
        storage.devices().addListener(signIn.connections().ofDeletedDevices());
        return signIn;
    }

    private static Optional<OcspService> openResponder(
            OcspConfig config, OpenParts open, OpenParts.Opening<OcspService> opening) {
        if (!config.enabled()) {
            return Optional.empty();
        }
        OcspService responder = open.open(Part.OCSP, opening);
        responder.start();
        return Optional.of(responder);
    }

    /** What goes with a certificate of the hub to clients that ask whether it is revoked. */
    Optional<byte[]> staple(ServerCertificate certificate) {
        return responder.flatMap(each -> each.staple(certificate));
    }

    static AuthoritySetup setup(HubConfig config) {
        OcspConfig ocsp = config.certificates().ocsp();
        boolean named = ocsp.enabled() && ocsp.inCertificates();
        return AuthoritySetup.of(config, named ? Optional.of(OcspResource.PATH) : Optional.empty());
    }

    static AuthorityRecords records(Storage storage) {
        CertificateRevocations revocations = new CertificateRevocations(storage.database());
        return new AuthorityRecords(
                new RegistryLedger(new CertificateRegistry(storage.database()), revocations),
                new RegistryCrls(revocations));
    }

    /** Whether anything shows certificates of the hub for which the operator has given none. */
    private static boolean isShown(HubConfig config) {
        boolean speaksTls =
                config.management().tls().enabled()
                        || config.broker().listeners().stream()
                                .anyMatch(listener -> listener.tls().isPresent());
        return speaksTls && config.tls().certificates().isEmpty();
    }

    /** What devices and operators do with certificates. */
    DeviceCertificates openDevices(
            HubConfig config, OpenParts open, Storage storage, DeviceDirectory directory) {
        return open.open(
                Part.CERTIFICATES,
                () ->
                        DeviceCertificates.open(
                                new DeviceCertificates.Ground(
                                        storage.database(),
                                        storage.devices(),
                                        directory,
                                        signIn.trust(),
                                        clock,
                                        Ticker.systemTicker(),
                                        signInKeys(config)),
                                authority.map(own -> issuing(own, config, clock)),
                                new DeviceCertificates.Audience(
                                        signIn.connections(), signIn.connections(), metrics),
                                config.certificates().enrolment()));
    }

    private static SignInKeys signInKeys(HubConfig config) {
        boolean isMutual =
                config.broker().listeners().stream()
                        .flatMap(listener -> listener.tls().stream())
                        .anyMatch(TlsMode.MUTUAL::equals);
        return isMutual && config.tls().provider().resolved() == TlsProvider.OPENSSL
                ? SignInKeys.ALL_BUT_ED25519
                : SignInKeys.ALL;
    }

    private static DeviceCertificates.Authority issuing(
            OwnAuthority own, HubConfig config, Clock clock) {
        return new DeviceCertificates.Authority(
                DeviceIssuers.of(own, clock),
                own.lists(),
                new AuthorityAudit(own.audit()),
                CompromisedKeys.read(config.certificates().compromisedKeys()),
                own.generations());
    }

    /** What everybody may fetch, and what devices and operators ask for. */
    List<Resource> resources(
            DeviceCertificates devices, DeviceDirectory directory, DeviceCallers callers) {
        List<Resource> all = new ArrayList<>();
        // Before those of certificates, whose serial number would be called so.
        authority.ifPresent(
                own ->
                        all.add(
                                new AuthorityResource(
                                        own.generations(),
                                        () -> devices.registry().countValid(clock.instant()))));
        all.add(new DeviceCertificateResource(devices, directory, clock));
        all.add(new CertificateResource(devices, directory, clock));
        authority.ifPresent(
                own -> {
                    all.add(new PublicAuthority(own, clock));
                    all.add(new EstResource(devices, own.hierarchy()::trusted, callers, clock));
                });
        responder.ifPresent(each -> all.add(new OcspResource(each, clock, System::nanoTime)));
        return all;
    }

    /** Tells on the health page what somebody must see to. */
    void warnOn(Readiness readiness) {
        authority.ifPresent(own -> readiness.watch("revocationLists", own::alarm));
        authority.ifPresent(own -> readiness.watch("issuers", own::issuerAlarm));
        authority.ifPresent(own -> readiness.watch("auditChain", () -> own.audit().alarm()));
        server.ifPresent(own -> readiness.watch("serverCertificates", own::alarm));
        readiness.watch("clientCertificates", signIn::alarm);
    }

    /** Where clients find in a file what they are to trust. */
    Optional<Path> bundleFile() {
        return authority.map(OwnAuthority::bundleFile);
    }
}
