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
import io.muster.hub.certificates.ListServer;
import io.muster.hub.certificates.MovedClock;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running hub whose clients have certificates of others: their lists come, or do not. */
@Timeout(60)
class ExternalListsTest {

    private static final int ADMINISTRATIVE_ACTION = 0x98;
    private static final Duration LIFE = Duration.ofHours(2);

    private static final Authority WEB = new Authority("web");
    private static final Authority FILE = new Authority("file");
    private static final MovedClock CLOCK = new MovedClock(Clock.systemUTC());

    private static Path files;
    private static ListServer server;
    private static RunningHub hub;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        files = folder;
        server = new ListServer(WEB.crl(1, Duration.ofDays(5)));
        putList(FILE.crl(1, LIFE));
        TrustConfig trust =
                new TrustConfig(
                        List.of(
                                external("web", WEB, Optional.of(server.address())),
                                external(
                                        "file",
                                        FILE,
                                        Optional.of(files.resolve("file.crl").toString())),
                                external("expired", expired(), Optional.empty())),
                        Duration.ofSeconds(1),
                        Optional.of(Duration.ofMinutes(10)));
        hub =
                RunningHub.start(
                        MutualTls.with(
                                RunningHub.config(files.resolve("data")),
                                files,
                                TlsProvider.AUTO,
                                Duration.ofMillis(100),
                                trust),
                        CLOCK);
    }

    private static Authority expired() {
        Instant now = Instant.now();
        return new Authority(
                "expired", now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));
    }

    private static External external(String name, Authority authority, Optional<String> list) {
        return new External(
                name,
                CaSource.of(TestPki.write(files.resolve(name + ".pem"), authority.certificate())),
                list.isPresent(),
                list.stream().toList(),
                false,
                List.of(),
                new FreshnessPolicy(Duration.ofHours(1), false),
                Binding.NONE);
    }

    private static void putList(byte[] list) throws IOException {
        Path draft = Files.write(files.resolve("draft"), list);
        Files.move(draft, files.resolve("file.crl"), StandardCopyOption.ATOMIC_MOVE);
    }

    @AfterAll
    static void stop() {
        if (hub != null) {
            hub.close();
        }
        server.close();
    }

    private static TlsClient client(Issued certificate) {
        return new TlsClient(
                Objects.requireNonNull(hub.hub().mqttAddresses().get("mtls")),
                certificate.context());
    }

    private static int signIn(TlsClient client, String key, String secret) {
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId("demo", key),
                        Secret.of(secret),
                        SignMethod.SHA256,
                        "1700000000000");
        return client.connect(signed.clientId(), signed.username(), signed.password());
    }

    private static int signIn(Issued certificate, String key, String secret) {
        try (TlsClient client = client(certificate)) {
            return signIn(client, key, secret);
        }
    }

    private static String ready() {
        return hub.operator().withoutToken().get("/health/ready").text();
    }

    @Test
    void whoComesOntoAListOnAServerIsOutAndTheServerSendsNoneTwice() {
        String secret = hub.createDevice("web");
        Issued certificate = WEB.issue(Wanted.of("CN=web"));
        Issued other = WEB.issue(Wanted.of("CN=other"));
        try (TlsClient client = client(certificate);
                TlsClient untouched = client(other)) {
            assertThat(signIn(client, "web", secret)).isZero();
            assertThat(signIn(untouched, "web2", hub.createDevice("web2"))).isZero();
            await().until(() -> server.unchanged() > 0);
            assertThat(server.sent()).as("though another authority has expired").isEqualTo(1);
            assertThat(ready()).contains("expired: not trusted: expired");

            server.put(WEB.crl(2, Duration.ofDays(5), certificate.certificate()));
            assertThat(client.end()).isEqualTo(ADMINISTRATIVE_ACTION);
            assertThat(untouched.isAlive()).isTrue();
        }
        assertThat(server.sent()).isEqualTo(2);
        assertThat(signIn(certificate, "web", secret)).isEqualTo(TlsClient.CLOSED);
    }

    /** By a clock that is moved: a list is fresh, then due, then stale, and comes at last. */
    @Test
    void whoIsConnectedHasLongerThanWhoComes() throws IOException {
        String secret = hub.createDevice("file");
        Issued certificate =
                FILE.issue(Wanted.of("CN=file").until(Instant.now().plus(Duration.ofDays(3))));
        Duration moved = Duration.ZERO;
        try (TlsClient client = client(certificate)) {
            assertThat(signIn(client, "file", secret)).isZero();
            assertThat(ready()).doesNotContain("file: revocation list");

            CLOCK.advance(LIFE.plusMinutes(5));
            moved = moved.plus(LIFE).plusMinutes(5);
            assertThat(ready()).contains("file: revocation list is due");
            assertThat(signIn(certificate, "file2", hub.createDevice("file2"))).isZero();

            CLOCK.advance(Duration.ofHours(1));
            moved = moved.plusHours(1);
            assertThat(ready()).contains("file: revocation list is stale or missing");
            assertThat(signIn(certificate, "file2", secret)).isEqualTo(TlsClient.CLOSED);
            assertThat(client.isAlive()).as("five minutes after it became stale").isTrue();

            CLOCK.advance(Duration.ofMinutes(6));
            moved = moved.plusMinutes(6);
            await().atMost(Duration.ofSeconds(15)).until(() -> !client.isAlive());

            putList(FILE.crl(2, Duration.ofDays(2)));
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> signIn(certificate, "file", secret) == 0);
            assertThat(ready()).doesNotContain("file: revocation list");
        } finally {
            CLOCK.advance(moved.negated());
        }
    }
}
