package io.muster.hub.certificates.signin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.CertificateVerdict;
import io.muster.broker.spi.ConnectedClient;
import io.muster.ca.RevocationReason;
import io.muster.ca.authority.AuthorityAudit;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.request.EncodedRequest;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.Product;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.certificates.CertificateSearch;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.Csr;
import io.muster.hub.certificates.authority.AuthorityRecords;
import io.muster.hub.certificates.authority.AuthorityStage;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.enrolment.DeviceCertificates;
import io.muster.hub.certificates.enrolment.DeviceIssuers;
import io.muster.hub.certificates.enrolment.Enrolled;
import io.muster.hub.certificates.enrolment.EnrolmentRequest;
import io.muster.hub.certificates.enrolment.EnrolmentRequest.Wishes;
import io.muster.hub.certificates.enrolment.Requester;
import io.muster.hub.certificates.enrolment.SignInKeys;
import io.muster.hub.certificates.ledger.RegistryCrls;
import io.muster.hub.certificates.ledger.RegistryLedger;
import io.muster.hub.certificates.revocation.RevocationOutcome;
import io.muster.hub.certificates.trust.OwnIssuers;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.monitoring.CertificateMetrics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a hub has of certificates, but for its sockets: registry, authority, trust, and devices that
 * get certificates and lose them; all of it in a folder, where it is found again. As a program of
 * its own it prints a line for each answer, and at last that it is ready for {@link Work}:
 *
 * <pre>
 * ISSUED device-ec-g1/0123456789abcdef FINGERPRINT
 * REVOKED device-ec-g1/0123456789abcdef NUMBER
 * READY
 * </pre>
 */
final class EnrolledStage implements AutoCloseable {

    static final String PRODUCT = "pump";

    /** The device whose certificate is revoked when that is asked for. */
    static final String KEPT = "kept";

    /** The one that gets a certificate when that is asked for. */
    static final String NEXT = "next";

    private static final Clock CLOCK = Clock.systemUTC();

    private final RegistryDatabase database;
    private final DeviceRegistry devices;
    private final CertificateRegistry registry;
    private final OwnAuthority authority;
    private final WatchedTrust trust;
    private final CertificateSessions sessions;
    private final AwaySessions away;
    private final CertificateConnections connections;
    private final DeviceCertificates certificates;

    /** What is asked of the program, each once; it prints {@code DONE} after the answer. */
    enum Work {
        /** A device gets a certificate. */
        ISSUE,
        /** A certificate is revoked. */
        REVOKE
    }

    /** Opens what is there, or makes it. */
    EnrolledStage(Path folder) throws IOException {
        database =
                RegistryDatabase.open(
                        new RegistrySettings(
                                "jdbc:sqlite:" + folder.resolve("registry.db"),
                                "",
                                "",
                                2,
                                Duration.ofSeconds(10)),
                        SecretCipher.load(folder.resolve("secret.key")));
        devices = new DeviceRegistry(database, CLOCK);
        registry = new CertificateRegistry(database);
        CertificateRevocations revocations = new CertificateRevocations(database);
        authority =
                OwnAuthority.open(
                        AuthorityStage.setup(folder),
                        new AuthorityRecords(
                                new RegistryLedger(registry, revocations),
                                new RegistryCrls(revocations)),
                        CLOCK);
        trust = openTrust(folder, revocations);
        sessions =
                new CertificateSessions(
                        registry::findOthers, trust.trust()::isGood, Duration.ofSeconds(5), CLOCK);
        away = new AwaySessions(new KnownCertificates(), sessions, trust.trust()::isGood, CLOCK);
        connections =
                new CertificateConnections(
                        trust.trust(), sessions, away, new SimpleMeterRegistry(), CLOCK);
        connections.endBy(new Expulsions());
        certificates = openCertificates();
        if (devices.products().find(PRODUCT).isEmpty()) {
            var unused = devices.products().create(Optional.of(PRODUCT), settings -> settings);
        }
    }

    private WatchedTrust openTrust(Path folder, CertificateRevocations revocations) {
        Map<String, X509Certificate> all = new TreeMap<>();
        authority
                .hierarchy()
                .certificates()
                .forEach((id, certificate) -> all.put(id.toString(), certificate.toJava()));
        return WatchedTrust.open(
                HubConfig.Certificates.NONE,
                new WatchedTrust.Sources(
                        OwnIssuers.of(all, authority.deviceIssuers()),
                        revocations::list,
                        Duration.ofHours(1),
                        folder.resolve("lists")),
                new SimpleMeterRegistry(),
                CLOCK);
    }

    private DeviceCertificates openCertificates() {
        return DeviceCertificates.open(
                new DeviceCertificates.Ground(
                        database,
                        devices,
                        new Lookup(),
                        trust.trust(),
                        CLOCK,
                        Ticker.systemTicker(),
                        SignInKeys.ALL),
                Optional.of(
                        new DeviceCertificates.Authority(
                                DeviceIssuers.of(authority, CLOCK),
                                authority.lists(),
                                new AuthorityAudit(authority.audit()),
                                KeyBlocklist.published(),
                                authority.generations())),
                new DeviceCertificates.Audience(
                        connections,
                        connections,
                        new CertificateMetrics(new SimpleMeterRegistry())),
                EnrolmentConfig.DEFAULT);
    }

    private final class Lookup implements DeviceLookup {

        @Override
        public CompletionStage<Optional<Device>> find(DeviceId id) {
            return CompletableFuture.completedFuture(devices.findDevice(id));
        }

        @Override
        public CompletionStage<Optional<Product>> findProduct(String productKey) {
            return CompletableFuture.completedFuture(devices.products().find(productKey));
        }
    }

    /** Its clients are gone when it says so. */
    private static final class Expulsions extends FakeClients {

        @Override
        public CompletionStage<Boolean> expel(ConnectedClient connection) {
            return CompletableFuture.completedFuture(true);
        }
    }

    OwnAuthority authority() {
        return authority;
    }

    /** A new device, which gets a certificate and connects with it. */
    CertificateId enrol(String key) {
        DeviceId device = devices.createDevice(PRODUCT, Optional.of(key)).id();
        Enrolled enrolled =
                certificates
                        .enrolment()
                        .enrol(
                                EnrolmentRequest.of(
                                        device,
                                        Requester.operator("anna"),
                                        EncodedRequest.of(Csr.ofNewKey().der()),
                                        Wishes.NONE));
        X509Certificate certificate = enrolled.certificate().toJava();
        connections.enter(
                enrolled.id(),
                client(device, enrolled.id(), certificate),
                certificate.getNotAfter().toInstant());
        return enrolled.id();
    }

    private static ConnectedClient client(
            DeviceId device, CertificateId id, X509Certificate certificate) {
        return new ConnectedClient(
                device.toString(),
                device.deviceKey(),
                new Identity(
                        "device:" + device,
                        device.toString(),
                        NoTopics.INSTANCE,
                        Map.of(CertificateGate.CERTIFICATE, id.toString())),
                new ConnectedClient.Origin(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
                        "mtls",
                        List.of(certificate)),
                5,
                60,
                Instant.EPOCH);
    }

    RevocationOutcome revoke(CertificateId id) {
        return certificates.revocation().revoke(id, RevocationReason.SUPERSEDED, "anna");
    }

    Certificate find(CertificateId id) {
        return registry.find(id).orElseThrow();
    }

    /** All that a device has or had. */
    List<Certificate> of(String key) {
        return certificates
                .list()
                .page(CertificateSearch.of(PRODUCT).withDevice(key), Optional.empty(), 100)
                .certificates();
    }

    /** Whom it belongs to by its bytes, as a sign-in asks. */
    Optional<DeviceId> bound(Certificate certificate) {
        return certificate
                .issuance()
                .flatMap(issuance -> registry.findByFingerprint(issuance.fingerprint()))
                .flatMap(Certificate::device);
    }

    /** What a sign-in with it is told. */
    CertificateVerdict judged(CertificateId id) {
        byte[] der = registry.findDer(id).orElseThrow();
        return trust.trust().check().check(List.of(IssuedCertificate.parse(der).toJava()));
    }

    @Override
    public void close() {
        certificates.close();
        away.close();
        sessions.close();
        trust.close();
        authority.close();
        database.close();
    }

    /** Issues and revokes, and then once more what it is told, line by line. */
    public static void main(String[] arguments) throws IOException {
        EnrolledStage stage = new EnrolledStage(Path.of(arguments[0]));
        stage.tellRevoked(stage.tellIssued("gone"));
        CertificateId kept = stage.tellIssued(KEPT);
        tell("READY");
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (Work.valueOf(line)) {
                case ISSUE -> {
                    var unused = stage.tellIssued(NEXT);
                }
                case REVOKE -> stage.tellRevoked(kept);
            }
            tell("DONE");
        }
    }

    private CertificateId tellIssued(String key) {
        CertificateId id = enrol(key);
        tell("ISSUED " + id + " " + find(id).issuance().orElseThrow().fingerprint());
        return id;
    }

    private void tellRevoked(CertificateId id) {
        tell("REVOKED " + id + " " + revoke(id).crlNumber().orElseThrow());
    }

    /** The answer. */
    private static void tell(String line) {
        System.out.println(line);
    }
}
