package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.certificate.Validity;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.TlsFleet;
import io.muster.hub.certificates.TlsFleet.Member;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of many who are connected with certificates some are revoked: these are out, and soon. */
class RevocationStormTest {

    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final int KICKED = 100;
    private static final int STAYING = 2_000;
    private static final Duration WITHIN = Duration.ofSeconds(1);

    private static final Authority FLEET = new Authority("fleet");

    private static HubConfig config(Path folder) {
        return CertifiedHub.config(
                folder,
                TlsProvider.AUTO,
                TrustConfig.NONE.with(
                        List.of(
                                new TrustConfig.External(
                                        "fleet",
                                        TestPki.write(
                                                folder.resolve("fleet.pem"), FLEET.certificate()),
                                        false,
                                        List.of(),
                                        false,
                                        List.of(),
                                        FreshnessPolicy.STRICT,
                                        Binding.REQUIRED))));
    }

    @Test
    void exactlyThoseOfARevokedProductAreOutWithinASecond(@TempDir Path folder) throws IOException {
        Map<String, Issued> kicked = certificates("k", KICKED);
        Map<String, Issued> staying = certificates("s", STAYING);
        Map<String, Issued> all = new HashMap<>(kicked);
        all.putAll(staying);
        HubConfig config = config(folder);
        try (RunningHub hub = RunningHub.start(config)) {
            register(hub, "kicked", kicked);
            register(hub, "staying", staying);
            bind(config, Map.of("kicked", kicked, "staying", staying));
            try (TlsFleet fleet =
                    new TlsFleet(
                            Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls")), all)) {
                Map<String, Member> members = fleet.connect();
                long called = System.nanoTime();
                revoke(hub, "kicked");
                kicked.keySet()
                        .forEach(
                                name -> {
                                    Member member = Objects.requireNonNull(members.get(name));
                                    assertThat(Duration.ofNanos(member.closedAt() - called))
                                            .as(name)
                                            .isLessThan(WITHIN);
                                    assertThat(member.reason()).isEqualTo(ADMINISTRATIVE_ACTION);
                                });
                assertThat(staying.keySet())
                        .allMatch(name -> Objects.requireNonNull(members.get(name)).isThere());
            }
        }
    }

    private static Map<String, Issued> certificates(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> prefix + i)
                .collect(
                        Collectors.toMap(
                                name -> name, name -> FLEET.issue(Wanted.of("CN=" + name))));
    }

    private static void register(RunningHub hub, String product, Map<String, Issued> devices) {
        hub.operator()
                .post(
                        "/api/v1/products",
                        "{\"productKey\":\"%s\",\"name\":\"%s\"}".formatted(product, product));
        String csv = "deviceKey\n" + String.join("\n", devices.keySet()) + "\n";
        int status =
                hub.operator()
                        .post("/api/v1/products/" + product + "/import", "text/csv", csv)
                        .status();
        assertThat(status).isEqualTo(201);
    }

    /** In the registry itself, as another process does. */
    private static void bind(HubConfig config, Map<String, Map<String, Issued>> products)
            throws IOException {
        HubConfig.Registry registry = config.registry();
        try (RegistryDatabase database =
                RegistryDatabase.open(
                        new RegistrySettings(registry.jdbcUrl(), "", "", 2, Duration.ofSeconds(10)),
                        SecretCipher.load(config.dataFolder().resolve("secret.key")))) {
            CertificateRegistry certificates = new CertificateRegistry(database);
            Map<Reservation, Sha256> some = new LinkedHashMap<>();
            products.forEach(
                    (product, devices) ->
                            devices.forEach(
                                    (key, issued) -> {
                                        some.put(
                                                reservation(
                                                        new DeviceId(product, key),
                                                        issued.certificate()),
                                                fingerprint(issued.certificate()));
                                        if (some.size() == CertificateRegistry.TOGETHER_MAX) {
                                            assertThat(certificates.bind(some, 2)).isEmpty();
                                            some.clear();
                                        }
                                    }));
            assertThat(certificates.bind(some, 2)).isEmpty();
        }
    }

    private static Reservation reservation(DeviceId device, X509Certificate certificate) {
        return new Reservation(
                CertificateId.of(
                        TrustedAuthority.externalIssuer(certificate.getIssuerX500Principal()),
                        certificate.getSerialNumber()),
                CertificateKind.EXTERNAL,
                new Owner.Device(device),
                Sha256.of(certificate.getPublicKey().getEncoded()),
                new Validity(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant()),
                new IssuanceRequest("test", Instant.now(), Optional.empty()),
                Optional.empty());
    }

    private static Sha256 fingerprint(X509Certificate certificate) {
        try {
            return Sha256.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void revoke(RunningHub hub, String product) {
        HttpCaller.Answer answer =
                hub.operator().post("/api/v1/products/" + product + "/certificates/revoke", "{}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("revoked").asInt()).isEqualTo(KICKED);
    }
}
