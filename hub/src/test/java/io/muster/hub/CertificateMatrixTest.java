package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.broker.net.tls.TlsProvider;
import io.muster.hub.CertifiedHub.Certified;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.certificates.TrustConfig;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates of the hub's own authority with each kind of key, by each provider and version. */
class CertificateMatrixTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int ADMINISTRATIVE_ACTION = 0x98;

    private static final Map<TlsProvider, CertifiedHub> HUBS = new EnumMap<>(TlsProvider.class);

    /** A kind of key. */
    private enum Kind {
        RSA_2048,
        EC_P256,
        ED25519;

        KeyPair generate() {
            return switch (this) {
                case RSA_2048 -> TestPki.rsa();
                case EC_P256 -> TestPki.ec();
                case ED25519 -> TestPki.ed25519();
            };
        }

        /** BoringSSL does not offer to verify by Ed25519. */
        boolean isTakenBy(TlsProvider provider) {
            return this != ED25519 || provider == TlsProvider.JDK;
        }
    }

    @BeforeAll
    static void start(@TempDir Path folder) {
        for (TlsProvider provider : List.of(TlsProvider.OPENSSL, TlsProvider.JDK)) {
            HUBS.put(
                    provider,
                    CertifiedHub.start(
                            CertifiedHub.config(
                                    folder.resolve(provider.name()), provider, TrustConfig.NONE)));
        }
    }

    @AfterAll
    static void stop() {
        HUBS.values().forEach(CertifiedHub::close);
    }

    static Stream<Arguments> everyWay() {
        return Stream.of(TlsProvider.OPENSSL, TlsProvider.JDK)
                .flatMap(
                        provider ->
                                Stream.of("TLSv1.2", "TLSv1.3")
                                        .flatMap(
                                                version ->
                                                        Stream.of(Kind.values())
                                                                .map(
                                                                        kind ->
                                                                                Arguments.of(
                                                                                        provider,
                                                                                        version,
                                                                                        kind))));
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void oneIsLetInWithANewSessionAndAResumedOneAndWithNeitherOnceItIsRevoked(
            TlsProvider provider, String version, Kind kind) {
        CertifiedHub hub = Objects.requireNonNull(HUBS.get(provider));
        if (!kind.isTakenBy(provider)) {
            assertGetsNone(hub, "none" + version, kind.generate());
            return;
        }
        Certified device = hub.certified(kind.generate());
        SSLContext warm = device.context();
        TlsClient first = hub.client(warm, version);
        assertThat(first.connect(device.key(), null, null)).isZero();
        first.disconnect();
        try (TlsClient second = hub.client(warm, version)) {
            assertThat(second.connect(device.key(), null, null)).isZero();
            assertThat(second.hasResumedTls(first)).as("resumed").isTrue();
            hub.revoke(device);
            assertThat(second.end()).isEqualTo(ADMINISTRATIVE_ACTION);
        }
        for (SSLContext context : List.of(warm, device.context())) {
            refuses(hub, "revoked", context, version);
        }
    }

    /** It would be a certificate that lets nobody in. */
    private static void assertGetsNone(CertifiedHub hub, String device, KeyPair keys) {
        hub.running().createDevice(device);
        String request = TestPki.csr(keys).replace("\n", "\\n");
        HttpCaller.Answer answer =
                hub.running()
                        .operator()
                        .post(
                                CertifiedHub.devicePath(device) + "/certificates",
                                "{\"csr\":\"" + request + "\"}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().path("code").asText()).isEqualTo("KEY_TYPE_NOT_ALLOWED");
        assertThat(answer.json().path("detail").asText()).contains("tls.provider = jdk");
    }

    static Stream<Arguments> everyProvider() {
        return everyWay().filter(way -> way.get()[2] == Kind.EC_P256);
    }

    @ParameterizedTest
    @MethodSource("everyProvider")
    void oneThatSignedItsCertificateItselfIsNobody(
            TlsProvider provider, String version, Kind kind) {
        CertifiedHub hub = Objects.requireNonNull(HUBS.get(provider));
        Certified device = hub.certified(kind.generate());
        refuses(hub, "unknown_issuer", TestPki.selfSigned(device.key()).context(), version);
    }

    private static void refuses(CertifiedHub hub, String why, SSLContext context, String version) {
        CertificateChecks.requireRefusedInHandshake(
                hub.running(),
                why,
                () -> {
                    try (TlsClient client = hub.client(context, version)) {
                        return client.connect("matrix", null, null);
                    }
                });
    }

    /**
     * The handshake could not know it yet, and a CONNECT that has not come is no connection that
     * the revocation ends: the check at CONNECT is what keeps it out.
     */
    @ParameterizedTest
    @MethodSource("everyProvider")
    void oneThatIsRevokedAfterItHasResumedIsRefusedAtConnect(
            TlsProvider provider, String version, Kind kind) {
        CertifiedHub hub = Objects.requireNonNull(HUBS.get(provider));
        Certified device = hub.certified(kind.generate());
        SSLContext warm = device.context();
        TlsClient first = hub.client(warm, version);
        assertThat(first.connect(device.key(), null, null)).isZero();
        first.disconnect();
        Map<String, Integer> before = CertificateChecks.of(hub.running());
        try (TlsClient resumed = hub.client(warm, version).shakingHands()) {
            await().until(
                            () ->
                                    CertificateChecks.since(before, hub.running())
                                            .equals(Map.of("handshake accepted", 1)));
            assertThat(resumed.hasResumedTls(first)).as("resumed").isTrue();
            hub.revoke(device);
            assertThat(resumed.connect(device.key(), null, null)).isEqualTo(NOT_AUTHORIZED);
            assertThat(resumed.end()).isEqualTo(TlsClient.CLOSED);
        }
        assertThat(CertificateChecks.since(before, hub.running()))
                .isEqualTo(Map.of("handshake accepted", 1, "connect revoked", 1));
    }
}
