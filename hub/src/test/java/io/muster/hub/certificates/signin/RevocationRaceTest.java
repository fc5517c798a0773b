package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.NoTopics;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ClientObserver.Admission;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate is revoked while somebody signs in with it. */
class RevocationRaceTest {

    private static final int TIMES = 10_000;
    private static final int CERTIFICATES = 100;

    /** Remembers who was expelled. */
    private static final class Expulsions extends FakeClients {

        final Set<ConnectedClient> expelled = ConcurrentHashMap.newKeySet();

        @Override
        public CompletionStage<Boolean> expel(ConnectedClient connection, boolean endsSession) {
            expelled.add(connection);
            return CompletableFuture.completedFuture(true);
        }
    }

    private static WatchedTrust trust(Path folder, Authority authority) {
        TrustConfig.External external =
                new TrustConfig.External(
                        "race",
                        TestPki.write(folder.resolve("ca.pem"), authority.certificate()),
                        false,
                        List.of(),
                        false,
                        List.of(),
                        FreshnessPolicy.STRICT,
                        Binding.NONE);
        return WatchedTrust.open(
                HubConfig.Certificates.NONE.with(TrustConfig.NONE.with(List.of(external))),
                new WatchedTrust.Sources(
                        List.of(),
                        (issuer, after, limit) -> List.of(),
                        Duration.ofHours(1),
                        folder.resolve("lists")),
                new SimpleMeterRegistry(),
                Clock.systemUTC());
    }

    private static ConnectedClient client(CertificateId id, X509Certificate certificate) {
        return new ConnectedClient(
                "demo/" + id.serial(),
                "race",
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

    @Test
    void neverLeavesAConnectionThere(@TempDir Path folder) throws Exception {
        Authority authority = new Authority("race");
        KeyPair keys = TestPki.ec();
        List<X509Certificate> certificates =
                IntStream.range(0, CERTIFICATES)
                        .mapToObj(i -> authority.issue(TestPki.Wanted.of("CN=" + i), keys))
                        .toList();
        ExecutorService other = Executors.newSingleThreadExecutor();
        int admitted = 0;
        try {
            for (int round = 0; round < TIMES / CERTIFICATES; round++) {
                admitted += race(folder, authority, certificates, other);
            }
        } finally {
            other.shutdownNow();
        }
        // Or one was always first, and nothing was shown.
        assertThat(admitted).isBetween(1, TIMES - 1);
    }

    /** How many were admitted, and expelled then. What is revoked is so for this round only. */
    private static int race(
            Path folder,
            Authority authority,
            List<X509Certificate> certificates,
            ExecutorService other) {
        String issuer =
                TrustedAuthority.externalIssuer(authority.certificate().getSubjectX500Principal());
        try (WatchedTrust watched = trust(folder, authority)) {
            Expulsions clients = new Expulsions();
            CertificateConnections connections =
                    new CertificateConnections(watched.trust(), Clock.systemUTC());
            connections.endBy(clients);
            CertificateClients observer =
                    new CertificateClients(
                            connections,
                            watched.trust().check(),
                            new FirstUses((ids, at) -> {}, Clock.systemUTC()),
                            ClientObserver.NONE);
            CyclicBarrier start = new CyclicBarrier(2);
            int admitted = 0;
            for (X509Certificate certificate : certificates) {
                CertificateId id = CertificateId.of(issuer, certificate.getSerialNumber());
                ConnectedClient client = client(id, certificate);
                // So that the look at it takes no longer than the revocation.
                var unused = watched.trust().check().check(List.of(certificate));
                CompletableFuture<Void> revoked =
                        CompletableFuture.supplyAsync(
                                        () -> {
                                            meet(start);
                                            return connections.revoked(List.of(id));
                                        },
                                        other)
                                .thenCompose(done -> done);
                meet(start);
                boolean isAdmitted = connecting(observer, client);
                revoked.join();
                if (isAdmitted) {
                    admitted++;
                    assertThat(clients.expelled).contains(client);
                    observer.disconnected(client);
                }
                assertThat(connecting(observer, client)).isFalse();
            }
            assertThat(connections.size()).isZero();
            return admitted;
        }
    }

    private static boolean connecting(ClientObserver observer, ConnectedClient client) {
        return observer.connecting(client).toCompletableFuture().join().verdict()
                == Admission.Verdict.ADMITTED;
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
