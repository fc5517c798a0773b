package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import io.muster.hub.config.certificates.TrustConfig.External;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates of several authorities that are not the hub's, side by side. */
class ExternalAuthoritiesTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int ADMINISTRATIVE_ACTION = 0x98;

    private static final Authority ACME = new Authority("acme");
    private static final Authority BOUND = new Authority("bound");
    private static final Authority STALE = new Authority("stale");
    private static final Authority LISTLESS = new Authority("listless");
    private static final Authority OPEN = new Authority("open");
    private static final Authority BRIEF = new Authority("brief");
    private static final Authority STRANGER = new Authority("stranger");
    private static final KeyPair RSA = TestPki.rsa();
    private static final Issued REVOKED = ACME.issue(Wanted.of("CN=revoked"));

    private static final Map<TlsProvider, RunningHub> HUBS = new EnumMap<>(TlsProvider.class);
    private static final Map<TlsProvider, Path> FOLDERS = new EnumMap<>(TlsProvider.class);
    private static final AtomicInteger NAMES = new AtomicInteger();

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        for (TlsProvider provider : List.of(TlsProvider.OPENSSL, TlsProvider.JDK)) {
            Path files = Files.createDirectory(folder.resolve(provider.name()));
            FOLDERS.put(provider, files);
            Files.write(
                    files.resolve("acme.crl"),
                    ACME.crl(1, Duration.ofHours(1), REVOKED.certificate()));
            Files.write(files.resolve("bound.crl"), BOUND.crl(1, Duration.ofHours(1)));
            Files.write(files.resolve("stale.crl"), STALE.crl(1, Duration.ofHours(-2)));
            HUBS.put(provider, RunningHub.start(config(provider, files)));
        }
    }

    private static HubConfig config(TlsProvider provider, Path files) {
        TrustConfig trust =
                TrustConfig.NONE.with(
                        List.of(
                                external(files, "acme", ACME, Binding.FIRST_USE, true),
                                external(files, "bound", BOUND, Binding.REQUIRED, true),
                                external(files, "stale", STALE, Binding.FIRST_USE, true),
                                external(files, "listless", LISTLESS, Binding.FIRST_USE, true),
                                external(files, "open", OPEN, Binding.NONE, false),
                                external(files, "brief", BRIEF, Binding.NONE, false)));
        return MutualTls.with(
                RunningHub.config(files.resolve("data")),
                files,
                provider,
                Duration.ofMillis(200),
                trust);
    }

    private static External external(
            Path files, String name, Authority authority, Binding binding, boolean isChecked) {
        return new External(
                name,
                CaSource.of(TestPki.write(files.resolve(name + ".pem"), authority.certificate())),
                isChecked,
                isChecked ? List.of(files.resolve(name + ".crl").toString()) : List.of(),
                false,
                List.of(),
                new FreshnessPolicy(Duration.ofHours(1), false),
                binding);
    }

    @AfterAll
    static void stop() {
        HUBS.values().forEach(RunningHub::close);
    }

    static Stream<Arguments> everyWay() {
        return Stream.of(TlsProvider.OPENSSL, TlsProvider.JDK)
                .flatMap(
                        provider ->
                                Stream.of("TLSv1.2", "TLSv1.3")
                                        .map(version -> Arguments.of(provider, version)));
    }

    /** A device, and the way to it. */
    private record Device(RunningHub hub, String key, SignedConnect signed, String version) {

        static Device of(TlsProvider provider, String version) {
            RunningHub hub = Objects.requireNonNull(HUBS.get(provider));
            String key = "x" + NAMES.incrementAndGet();
            String secret = hub.createDevice(key);
            return new Device(
                    hub,
                    key,
                    DeviceSignature.sign(
                            new DeviceId("demo", key),
                            Secret.of(secret),
                            SignMethod.SHA256,
                            "1700000000000"),
                    version);
        }

        TlsClient client(SSLContext context) {
            InetSocketAddress address =
                    Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls"));
            return new TlsClient(address, context, version);
        }

        int signIn(TlsClient client) {
            return client.connect(signed.clientId(), signed.username(), signed.password());
        }

        int signIn(Issued certificate) {
            return signIn(certificate.context());
        }

        /** It is refused in the handshake, for this. */
        void isRefused(String why, SSLContext context) {
            CertificateChecks.requireRefusedInHandshake(hub, why, () -> signIn(context));
        }

        int signIn(SSLContext context) {
            try (TlsClient client = client(context)) {
                return signIn(client);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void whoIsLetInAndWhoIsNot(TlsProvider provider, String version) {
        Device device = Device.of(provider, version);
        Instant now = Instant.now();
        assertThat(device.signIn(ACME.issue(Wanted.of("CN=good")))).as("valid").isZero();
        assertThat(device.signIn(OPEN.issue(Wanted.of("CN=open")))).as("unchecked").isZero();
        for (KeyPair keys : List.of(TestPki.ec(), RSA)) {
            Map<Wanted, String> refused =
                    Map.of(
                            Wanted.of("CN=a").until(now.minusSeconds(60)),
                            "expired",
                            Wanted.of("CN=b").from(now.plusSeconds(600)),
                            "not_yet_valid",
                            Wanted.of("CN=c").purpose(KeyPurposeId.id_kp_serverAuth),
                            "extended_key_usage",
                            Wanted.of("CN=d").purpose(KeyPurposeId.anyExtendedKeyUsage),
                            "extended_key_usage",
                            Wanted.of("CN=e").authority(),
                            "is_authority");
            refused.forEach(
                    (wanted, why) ->
                            device.isRefused(why, TestPki.context(keys, ACME.issue(wanted, keys))));
            Map<Authority, String> issuers =
                    Map.of(
                            STRANGER, "unknown_issuer",
                            STALE, "revocation_stale",
                            LISTLESS, "revocation_stale");
            issuers.forEach(
                    (issuer, why) ->
                            device.isRefused(
                                    why,
                                    TestPki.context(keys, issuer.issue(Wanted.of("CN=f"), keys))));
        }
        device.isRefused("revoked", REVOKED.context());
        assertThat(device.signIn(BOUND.issue(Wanted.of("CN=unbound"))))
                .as("bound to nobody")
                .isEqualTo(NOT_AUTHORIZED);
        assertThat(device.signIn(OPEN.issue(Wanted.of("CN=o").uri("urn:device:demo:another"))))
                .as("names another device")
                .isEqualTo(NOT_AUTHORIZED);
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void theFirstThatSignsInWithItIsTheOnlyOne(TlsProvider provider, String version) {
        Issued certificate = ACME.issue(Wanted.of("CN=first"));
        Device first = Device.of(provider, version);
        Device second = Device.of(provider, version);
        assertThat(first.signIn(certificate)).isZero();
        assertThat(second.signIn(certificate)).isEqualTo(NOT_AUTHORIZED);
        assertThat(first.signIn(certificate)).isZero();
        first.hub().operator().post("/api/v1/products/demo/devices/" + first.key() + "/disable");
        assertThat(first.signIn(certificate)).isEqualTo(NOT_AUTHORIZED);
    }

    private static void putList(TlsProvider provider, byte[] list) throws IOException {
        Path folder = Objects.requireNonNull(FOLDERS.get(provider));
        Path draft = Files.write(folder.resolve("draft"), list);
        Files.move(draft, folder.resolve("acme.crl"), StandardCopyOption.ATOMIC_MOVE);
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void aNewListEndsConnectionsAndResumesNothing(TlsProvider provider, String version)
            throws IOException {
        Device device = Device.of(provider, version);
        Device other = Device.of(provider, version);
        Issued certificate = ACME.issue(Wanted.of("CN=kicked"));
        Issued stays = ACME.issue(Wanted.of("CN=stays"));
        SSLContext warm = certificate.context();
        TlsClient before = device.client(warm);
        assertThat(device.signIn(before)).isZero();
        before.disconnect();
        try (TlsClient client = device.client(warm);
                TlsClient untouched = other.client(stays.context())) {
            assertThat(device.signIn(client)).isZero();
            assertThat(client.hasResumedTls(before)).isTrue();
            assertThat(other.signIn(untouched)).isZero();
            X509Certificate[] all = {REVOKED.certificate(), certificate.certificate()};
            putList(provider, ACME.crl(100 + NAMES.incrementAndGet(), Duration.ofHours(1), all));
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(untouched.isAlive()).isTrue();
        }
        device.isRefused("revoked", warm);
        device.isRefused("revoked", certificate.context());
    }

    @Test
    void itIsSaidWhichListsAreStale() {
        RunningHub hub = Objects.requireNonNull(HUBS.get(TlsProvider.JDK));
        assertThat(hub.operator().withoutToken().get("/health/ready").text())
                .contains("clientCertificates", "listless: revocation list", "stale: revocation");
        assertThat(hub.operator().withoutToken().get("/metrics").text())
                .contains(
                        "muster_revocation_list_entries{authority=\"acme\"",
                        "muster_revocation_list_age_seconds{authority=\"acme\"",
                        "muster_revocation_list_looks_total{authority=\"acme\",outcome=\"accepted\"}");
    }

    @Test
    void aConnectionEndsWithItsCertificate() {
        Device device = Device.of(TlsProvider.OPENSSL, "TLSv1.3");
        Issued brief = ACME.issue(Wanted.of("CN=brief").until(Instant.now().plusSeconds(2)));
        try (TlsClient client = device.client(brief.context())) {
            assertThat(device.signIn(client)).isZero();
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        assertThat(Instant.now()).isAfter(brief.certificate().getNotAfter().toInstant());
    }

    /** Though its own time is not over yet. */
    @Test
    void aConnectionEndsWithTheCertificateOfItsIssuer() {
        Device device = Device.of(TlsProvider.JDK, "TLSv1.3");
        Path file = Objects.requireNonNull(FOLDERS.get(TlsProvider.JDK)).resolve("brief.pem");
        Authority ending = new Authority("ending", Instant.now().plusSeconds(5));
        Issued certificate = ending.issue(Wanted.of("CN=outlives its issuer"));
        TestPki.write(file, ending.certificate());
        await().until(() -> device.signIn(certificate) == 0);
        try (TlsClient client = device.client(certificate.context())) {
            assertThat(device.signIn(client)).isZero();
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(Instant.now()).isAfter(ending.certificate().getNotAfter().toInstant());
            device.isRefused("issuer_unusable", certificate.context());
        } finally {
            TestPki.write(file, BRIEF.certificate());
        }
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void eachKindOfKeyIsTakenAndNoneThatVouchesForItself(TlsProvider provider, String version) {
        Device device = Device.of(provider, version);
        List<KeyPair> taken = new ArrayList<>(List.of(TestPki.rsa(), TestPki.ec()));
        if (provider == TlsProvider.JDK) {
            taken.add(TestPki.ed25519()); // BoringSSL does not offer to verify by it
        }
        for (KeyPair keys : taken) {
            SSLContext warm = TestPki.context(keys, OPEN.issue(Wanted.of("CN=key"), keys));
            TlsClient first = device.client(warm);
            assertThat(device.signIn(first)).as(keys.getPublic().getAlgorithm()).isZero();
            first.disconnect();
            try (TlsClient second = device.client(warm)) {
                assertThat(device.signIn(second)).isZero();
                assertThat(second.hasResumedTls(first)).as("resumed").isTrue();
            }
        }
        for (String name : List.of("somebody", "open")) {
            device.isRefused("unknown_issuer", TestPki.selfSigned(name).context());
        }
    }

    @Test
    void whoIsTrustedNoMoreIsOut() throws IOException {
        Device device = Device.of(TlsProvider.OPENSSL, "TLSv1.3");
        Issued certificate = OPEN.issue(Wanted.of("CN=dropped"));
        Path file = Objects.requireNonNull(FOLDERS.get(TlsProvider.OPENSSL)).resolve("open.pem");
        try (TlsClient client = device.client(certificate.context())) {
            assertThat(device.signIn(client)).isZero();
            TestPki.write(file, new Authority("open, another").certificate());
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            device.isRefused("unknown_issuer", certificate.context());
        } finally {
            TestPki.write(file, OPEN.certificate());
        }
        await().until(() -> device.signIn(certificate) == 0);
    }
}
