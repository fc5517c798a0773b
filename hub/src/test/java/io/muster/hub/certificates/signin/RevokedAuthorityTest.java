package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.trust.OwnIssuers;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This hub revokes an issuer, and not one of its certificates. */
class RevokedAuthorityTest {

    private static final Authority ROOT = new Authority("root");
    private static final Authority REVOKED = ROOT.authority("revoked");
    private static final Authority GOOD = ROOT.authority("good");

    private final List<ConnectedClient> expelled = new ArrayList<>();

    private final class Expulsions extends FakeClients {

        @Override
        public CompletionStage<Boolean> expel(ConnectedClient connection) {
            expelled.add(connection);
            return CompletableFuture.completedFuture(true);
        }
    }

    private static ConnectedClient client(CertificateId id, X509Certificate certificate) {
        return new ConnectedClient(
                "demo/" + id.serial(),
                "below",
                new Identity(
                        "device:demo/" + id.serial(),
                        "demo/" + id.serial(),
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

    private static ConnectedClient enter(
            CertificateConnections connections, String issuer, X509Certificate certificate) {
        CertificateId id = CertificateId.of(issuer, certificate.getSerialNumber());
        ConnectedClient client = client(id, certificate);
        connections.enter(id, client, certificate.getNotAfter().toInstant());
        return client;
    }

    @Test
    void allClientsBelowItAreOutAndNoOthers(@TempDir Path folder) {
        Map<String, X509Certificate> all =
                Map.of(
                        "root-g1", ROOT.certificate(),
                        "revoked-g1", REVOKED.certificate(),
                        "good-g1", GOOD.certificate());
        try (WatchedTrust watched =
                        WatchedTrust.open(
                                HubConfig.Certificates.NONE,
                                new WatchedTrust.Sources(
                                        OwnIssuers.of(
                                                all,
                                                Set.of(REVOKED.certificate(), GOOD.certificate())),
                                        (issuer, after, limit) -> List.of(),
                                        Duration.ofHours(1),
                                        folder.resolve("lists")),
                                new SimpleMeterRegistry(),
                                Clock.systemUTC());
                CertificateSessions sessions =
                        new CertificateSessions(
                                (ids, now) -> Map.of(),
                                id -> true,
                                Duration.ofSeconds(5),
                                Clock.systemUTC());
                AwaySessions away =
                        new AwaySessions(
                                new KnownCertificates(), sessions, id -> true, Clock.systemUTC())) {
            CertificateConnections connections =
                    new CertificateConnections(
                            watched.trust(),
                            sessions,
                            away,
                            new SimpleMeterRegistry(),
                            Clock.systemUTC());
            connections.endBy(new Expulsions());
            ConnectedClient below =
                    enter(
                            connections,
                            "revoked-g1",
                            REVOKED.issue(Wanted.of("CN=below")).certificate());
            ConnectedClient other =
                    enter(connections, "good-g1", GOOD.issue(Wanted.of("CN=other")).certificate());

            connections
                    .revoked(
                            List.of(
                                    CertificateId.of(
                                            "root-g1", REVOKED.certificate().getSerialNumber())))
                    .toCompletableFuture()
                    .join();
            assertThat(expelled).containsExactly(below);

            connections
                    .revoked(
                            List.of(
                                    CertificateId.of(
                                            "root-g1", ROOT.certificate().getSerialNumber())))
                    .toCompletableFuture()
                    .join();
            assertThat(expelled).contains(other);
        }
    }
}
