package io.muster.hub.certificates.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.NoTopics;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Identity;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.broker.Broker;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.spi.ClientObserver;
import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceLookup;
import io.muster.devices.Product;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.api.FakeClients;
import io.muster.hub.certificates.TestPki;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A certificate is revoked while somebody signs in with it, ten thousand times, at a broker with
 * sockets.
 *
 * <p>Both orders are met, whatever the machine: the revocation begins a little later after each
 * sign-in that came too late for it, and a little earlier after each that was let in. So the moment
 * goes to where one outcome turns into the other, and stays there.
 */
class RevocationRaceTest {

    private static final int TIMES = 10_000;
    private static final int CERTIFICATES = 100;
    private static final long STEP_NANOS = 5_000;
    private static final int TIMEOUT_MILLIS = 10_000;

    /** Nobody is a device here whose product could demand something. */
    static final DeviceLookup NO_DEVICES =
            new DeviceLookup() {
                @Override
                public CompletionStage<Optional<Device>> find(DeviceId id) {
                    return CompletableFuture.completedFuture(Optional.empty());
                }

                @Override
                public CompletionStage<Optional<Product>> findProduct(String productKey) {
                    return CompletableFuture.completedFuture(Optional.empty());
                }
            };

    /** What became of a sign-in. */
    private enum Outcome {
        /** The revocation came first. */
        REFUSED,
        /** It came after the connection was entered, and before its CONNACK was sent. */
        ENDED_BEFORE_CONNACK,
        /** It came last. */
        ADMITTED_AND_ENDED
    }

    /**
     * A broker whose clients are taken for certified without TLS, since handshakes would be all
     * that there is time for. Otherwise it and its hub are what they are.
     */
    private static final class Stage implements ClientObserver, AutoCloseable {

        private final Broker broker;

        /** The certified double of each connection, and the other way round. */
        private final IdentityHashMap<ConnectedClient, ConnectedClient> doubles =
                new IdentityHashMap<>();

        private volatile @Nullable CertificateClients observer;
        private volatile @Nullable X509Certificate certificate;
        private volatile @Nullable CertificateId id;

        Stage() {
            broker =
                    Broker.start(
                            BrokerConfig.of(List.of(new ListenerConfig("mqtt", "127.0.0.1", 0))),
                            credentials -> CompletableFuture.completedFuture(accepted()),
                            this,
                            new SimpleMeterRegistry());
        }

        private AuthResult accepted() {
            return AuthResult.accept(
                    new Identity(
                            "device:demo/race",
                            "demo/race",
                            NoTopics.INSTANCE,
                            Map.of(CertificateGate.CERTIFICATE, String.valueOf(id))));
        }

        InetSocketAddress address() {
            return Objects.requireNonNull(broker.addresses().get("mqtt"));
        }

        private synchronized ConnectedClient other(ConnectedClient client) {
            ConnectedClient known = doubles.get(client);
            if (known == null) {
                known =
                        new ConnectedClient(
                                client.clientIdentifier(),
                                client.sentClientIdentifier(),
                                client.identity(),
                                new ConnectedClient.Origin(
                                        client.remoteAddress(),
                                        client.listener(),
                                        List.of(Objects.requireNonNull(certificate))),
                                client.protocolLevel(),
                                client.keepAliveSeconds(),
                                client.connectedAt());
                doubles.put(client, known);
                doubles.put(known, client);
            }
            return known;
        }

        private synchronized void forget() {
            doubles.clear();
        }

        @Override
        public CompletionStage<Admission> connecting(ConnectedClient client) {
            return Objects.requireNonNull(observer).connecting(other(client));
        }

        @Override
        public void disconnected(ConnectedClient client) {
            Objects.requireNonNull(observer).disconnected(other(client));
        }

        @Override
        public void published(ConnectedClient client) {}

        @Override
        public void close() {
            broker.close();
        }

        /** Ends connections by their doubles. */
        FakeClients clients() {
            return new FakeClients() {
                @Override
                public CompletionStage<Boolean> expel(ConnectedClient connection) {
                    return broker.clients().expel(other(connection));
                }

                @Override
                public CompletionStage<Boolean> forgetIfAway(String client, String principal) {
                    return broker.clients().forgetIfAway(client, principal);
                }
            };
        }
    }

    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

    /** By how much the revocation begins after the CONNECT is sent; before it if negative. */
    private long offsetNanos;

    private static WatchedTrust trust(Path folder, Authority authority) {
        TrustConfig.External external =
                new TrustConfig.External(
                        "race",
                        CaSource.of(
                                TestPki.write(folder.resolve("ca.pem"), authority.certificate())),
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

    @Test
    void neverLeavesAConnectionThere(@TempDir Path folder) throws Exception {
        Authority authority = new Authority("race");
        KeyPair keys = TestPki.ec();
        List<X509Certificate> certificates =
                IntStream.range(0, CERTIFICATES)
                        .mapToObj(i -> authority.issue(TestPki.Wanted.of("CN=" + i), keys))
                        .toList();
        ExecutorService revoker = Executors.newSingleThreadExecutor();
        try (Stage stage = new Stage()) {
            for (int round = 0; round < TIMES / CERTIFICATES; round++) {
                race(folder, authority, certificates, stage, revoker);
            }
        } finally {
            revoker.shutdownNow();
        }
        assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(TIMES);
        assertThat(outcomes)
                .as("each order, often")
                .hasEntrySatisfying(Outcome.REFUSED, many -> assertThat(many).isGreaterThan(500))
                .hasEntrySatisfying(
                        Outcome.ADMITTED_AND_ENDED, many -> assertThat(many).isGreaterThan(500));
    }

    /** The gap that a race seldom meets: held open until the revocation has been through it. */
    @Test
    void whoIsRevokedBetweenTheLookAndItsConnackGetsNone(@TempDir Path folder) throws Exception {
        Authority authority = new Authority("race");
        X509Certificate certificate = authority.issue(TestPki.Wanted.of("CN=gap"), TestPki.ec());
        CertificateId id = CertificateId.of(issuer(authority), certificate.getSerialNumber());
        CompletableFuture<Void> isLookedAt = new CompletableFuture<>();
        CompletableFuture<ClientObserver.Admission> admission = new CompletableFuture<>();
        ClientObserver holding =
                new ClientObserver() {
                    @Override
                    public CompletionStage<Admission> connecting(ConnectedClient client) {
                        isLookedAt.complete(null);
                        return admission;
                    }

                    @Override
                    public void disconnected(ConnectedClient client) {}

                    @Override
                    public void published(ConnectedClient client) {}
                };
        try (Stage stage = new Stage();
                Round round = new Round(folder, authority, stage, holding);
                Socket socket = new Socket()) {
            stage.certificate = certificate;
            stage.id = id;
            socket.connect(stage.address());
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(connect());
            isLookedAt.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            CompletionStage<Void> revoked = round.connections.revoked(List.of(id));
            admission.complete(ClientObserver.Admission.ADMITTED);
            assertThat(outcome(socket.getInputStream().readAllBytes()))
                    .isEqualTo(Outcome.ENDED_BEFORE_CONNACK);
            revoked.toCompletableFuture().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            awaitEmpty(round.connections);
        }
    }

    private static String issuer(Authority authority) {
        return TrustedAuthority.externalIssuer(authority.certificate().getSubjectX500Principal());
    }

    /** What is revoked is so for one round only. */
    private static final class Round implements AutoCloseable {

        private final WatchedTrust watched;
        private final CertificateSessions sessions;
        private final AwaySessions away;
        private final CertificateConnections connections;

        /** Its stage is told to it from now on, and then {@code next}. */
        Round(Path folder, Authority authority, Stage stage, ClientObserver next) {
            watched = trust(folder, authority);
            sessions =
                    new CertificateSessions(
                            (ids, now) -> Map.of(),
                            id -> true,
                            Duration.ofSeconds(5),
                            Clock.systemUTC());
            away =
                    new AwaySessions(
                            new KnownCertificates(), sessions, id -> true, Clock.systemUTC());
            connections =
                    new CertificateConnections(
                            watched.trust(),
                            sessions,
                            away,
                            new SimpleMeterRegistry(),
                            Clock.systemUTC());
            connections.endBy(stage.clients());
            stage.observer =
                    new CertificateClients(
                            connections,
                            watched.trust().check(),
                            new FirstUses((ids, at) -> {}, Clock.systemUTC()),
                            new DemandedCertificates(NO_DEVICES),
                            next);
        }

        @Override
        public void close() {
            away.close();
            sessions.close();
            watched.close();
        }
    }

    private void race(
            Path folder,
            Authority authority,
            List<X509Certificate> certificates,
            Stage stage,
            ExecutorService revoker)
            throws IOException {
        String issuer = issuer(authority);
        try (Round round = new Round(folder, authority, stage, ClientObserver.NONE)) {
            for (X509Certificate certificate : certificates) {
                CertificateId id = CertificateId.of(issuer, certificate.getSerialNumber());
                // So that the look at it takes no longer than the revocation.
                var unused = round.watched.trust().check().check(List.of(certificate));
                stage.certificate = certificate;
                stage.id = id;
                Outcome outcome = raceOnce(stage, round.connections, id, revoker);
                outcomes.merge(outcome, 1, Integer::sum);
                offsetNanos += outcome == Outcome.REFUSED ? STEP_NANOS : -STEP_NANOS;
                awaitEmpty(round.connections);
            }
            stage.forget();
        }
    }

    private Outcome raceOnce(
            Stage stage,
            CertificateConnections connections,
            CertificateId id,
            ExecutorService revoker)
            throws IOException {
        long start = System.nanoTime() + 50_000;
        CompletableFuture<Void> revoked =
                CompletableFuture.supplyAsync(
                                () -> {
                                    spinUntil(start + Math.max(0, offsetNanos));
                                    return connections.revoked(List.of(id));
                                },
                                revoker)
                        .thenCompose(ended -> ended);
        byte[] answer;
        try (Socket socket = new Socket()) {
            socket.connect(stage.address());
            socket.setSoTimeout(TIMEOUT_MILLIS);
            spinUntil(start - Math.min(0, offsetNanos));
            socket.getOutputStream().write(connect());
            // To the end, or it fails: nobody who is revoked stays.
            answer = socket.getInputStream().readAllBytes();
        }
        revoked.orTimeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS).join();
        return outcome(answer);
    }

    /** The end of a connection is told after it, in the same turn. */
    private static void awaitEmpty(CertificateConnections connections) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        while (connections.size() > 0 && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(connections.size()).isZero();
    }

    /** CONNACK 0x20 with its reason code third behind the length; DISCONNECT 0xE0. */
    private static Outcome outcome(byte[] answer) {
        if (answer.length == 0) {
            return Outcome.ENDED_BEFORE_CONNACK;
        }
        assertThat(answer[0]).isEqualTo((byte) 0x20);
        if (answer[3] != 0) {
            assertThat(answer[3]).isEqualTo((byte) 0x87);
            return Outcome.REFUSED;
        }
        int disconnect = 2 + answer[1];
        assertThat(answer[disconnect]).isEqualTo((byte) 0xE0);
        assertThat(answer[disconnect + 2]).isEqualTo((byte) 0x98);
        return Outcome.ADMITTED_AND_ENDED;
    }

    private static byte[] connect() {
        byte[] head = {0x10, 17, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0, 0, 4};
        byte[] name = "race".getBytes(StandardCharsets.UTF_8);
        byte[] packet = new byte[head.length + name.length];
        System.arraycopy(head, 0, packet, 0, head.length);
        System.arraycopy(name, 0, packet, head.length, name.length);
        return packet;
    }

    private static void spinUntil(long nanos) {
        while (System.nanoTime() - nanos < 0) {
            Thread.onSpinWait();
        }
    }
}
