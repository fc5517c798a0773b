package io.muster.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.auth.secret.SignedConnect;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.devices.DeviceId;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.TlsClient;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import io.muster.hub.config.certificates.TrustConfig.External;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices that are away when another authority revokes their certificates by a list. */
@Timeout(60)
class ListedWhileAwayTest {

    private static final int EXPIRY_SECONDS = 600;
    private static final Duration LIFE = Duration.ofHours(2);
    private static final Pattern SESSIONS = Pattern.compile("(?m)^muster_sessions (\\S+)$");

    private static final Authority ACME = new Authority("acme");
    private static final Authority TOP = new Authority("top");
    private static final Authority BELOW = TOP.authority("below");

    private static Path files;
    private static RunningHub hub;
    private static int lists;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        files = folder;
        put("acme.crl", ACME);
        put("below.crl", BELOW);
        put("top.crl", TOP);
        TrustConfig trust =
                TrustConfig.NONE.with(
                        List.of(
                                external("acme", List.of(), ACME.certificate()),
                                external(
                                        "below",
                                        List.of("top.crl"),
                                        BELOW.certificate(),
                                        TOP.certificate())));
        hub =
                RunningHub.start(
                        MutualTls.with(
                                RunningHub.config(files.resolve("data")),
                                files,
                                TlsProvider.AUTO,
                                Duration.ofMillis(100),
                                trust));
    }

    private static External external(
            String name, List<String> above, X509Certificate... certificates) {
        return new External(
                name,
                CaSource.of(TestPki.write(files.resolve(name + ".pem"), certificates)),
                true,
                List.of(files.resolve(name + ".crl").toString()),
                false,
                above.stream().map(list -> files.resolve(list).toString()).toList(),
                FreshnessPolicy.STRICT,
                Binding.FIRST_USE);
    }

    private static void put(String file, Authority authority, X509Certificate... revoked)
            throws IOException {
        Path draft = Files.write(files.resolve("draft"), authority.crl(++lists, LIFE, revoked));
        Files.move(draft, files.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    @AfterAll
    static void stop() {
        if (hub != null) {
            hub.close();
        }
    }

    /** A device that was connected, and has a session that outlives that. */
    private record Device(String key, SignedConnect signed) {

        static Device of(String key) {
            String secret = hub.createDevice(key);
            return new Device(key, CertifiedHub.signed(new DeviceId("demo", key), secret));
        }

        /** Signs in by its secret too, so that the certificate is bound to it; and is gone. */
        boolean resumes(Issued certificate) {
            try (TlsClient client =
                    new TlsClient(
                            Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls")),
                            certificate.context())) {
                assertThat(
                                client.connect(
                                        signed.clientId(),
                                        signed.username(),
                                        signed.password(),
                                        EXPIRY_SECONDS))
                        .isZero();
                return client.hasResumed();
            }
        }

        void awaitAway() {
            await().until(() -> hub.state(key).equals("OFFLINE"));
        }
    }

    private static long sessions() {
        Matcher found = SESSIONS.matcher(hub.operator().withoutToken().get("/metrics").text());
        assertThat(found.find()).isTrue();
        return (long) Double.parseDouble(found.group(1));
    }

    @Test
    void whoHasNoOtherCertificateLosesItsSessionAndWhoHasOneKeepsIt() throws IOException {
        Device last = Device.of("last");
        Device another = Device.of("another");
        Issued ofLast = ACME.issue(Wanted.of("CN=last"));
        Issued ofAnother = ACME.issue(Wanted.of("CN=another"));
        Issued second = ACME.issue(Wanted.of("CN=second"));
        assertThat(last.resumes(ofLast)).isFalse();
        assertThat(another.resumes(ofAnother)).isFalse();
        another.awaitAway();
        assertThat(another.resumes(second)).isTrue();
        last.awaitAway();
        another.awaitAway();
        long before = sessions();

        put("acme.crl", ACME, ofLast.certificate(), ofAnother.certificate());

        await().until(() -> sessions() == before - 1);
        assertThat(another.resumes(second)).isTrue();
        assertThat(last.resumes(ACME.issue(Wanted.of("CN=next")))).isFalse();
    }

    @Test
    void whoIsBelowAnAuthorityThatComesOntoTheListOfTheOneAboveLosesItToo() throws IOException {
        Device device = Device.of("lower");
        assertThat(device.resumes(BELOW.issue(Wanted.of("CN=lower")))).isFalse();
        device.awaitAway();
        long before = sessions();

        put("top.crl", TOP, BELOW.certificate());

        await().until(() -> sessions() == before - 1);
        assertThat(device.resumes(ACME.issue(Wanted.of("CN=other issuer")))).isFalse();
    }
}
