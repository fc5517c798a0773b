package io.muster.broker;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Authenticator;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.net.tls.TlsSettings;
import io.muster.broker.pace.RateLimits;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import io.muster.broker.spi.ClientObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A broker on a free port of the loopback address, with two event loops. Without other orders it
 * lets everybody in.
 */
public final class BrokerFixture implements AutoCloseable {

    private static final TopicPermissions EVERYTHING =
            new TopicPermissions() {
                @Override
                public boolean mayPublish(String topicName) {
                    return true;
                }

                @Override
                public boolean maySubscribe(String topicFilter) {
                    return true;
                }
            };

    static final Authenticator OPEN =
            credentials -> CompletableFuture.completedFuture(AuthResult.accept(anybody()));

    private final Broker broker;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<RawClient> clients = new ArrayList<>();

    private BrokerFixture(Settings settings) {
        broker =
                Broker.prepare(
                        settings.config(), settings.authenticator, settings.observer, meters);
        if (settings.tls == null) {
            broker.listen();
        } else {
            broker.listen(settings.tls);
        }
    }

    /** A broker with the settings of the tests. */
    public static BrokerFixture open() {
        return new Settings().start();
    }

    public static Settings settings() {
        return new Settings();
    }

    /** An identity that leaves the client identifier as sent, and may do everything. */
    public static Identity anybody() {
        return identity("", EVERYTHING);
    }

    public static Identity identity(String clientIdentifier, TopicPermissions permissions) {
        return new Identity("test:anybody", clientIdentifier, permissions, Map.of());
    }

    /** Somebody else than {@link #anybody}, who may do everything too. */
    public static Identity principal(String principal) {
        return new Identity(principal, "", EVERYTHING, Map.of());
    }

    public Broker broker() {
        return broker;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address("tcp");
    }

    /** Where this listener listens. */
    public InetSocketAddress address(String listener) {
        return Objects.requireNonNull(broker.addresses().get(listener));
    }

    /** A connection that has sent nothing yet; closed with the fixture, if not before. */
    public RawClient raw() {
        RawClient client = RawClient.to(address());
        clients.add(client);
        return client;
    }

    /**
     * Once all connections are gone: makes the first event loop the fuller one, so that the next
     * connections come to another, and move if their sessions are on the first.
     */
    public void crowdFirstLoop() {
        await().until(() -> metric("muster.connections") == 0);
        raw();
    }

    /** A signed-in client of this protocol level, clean. */
    public RawClient client(int level, String clientIdentifier) {
        return raw().speaking(level).connect(Packets.connect(level, clientIdentifier));
    }

    /** The value of a gauge or counter. */
    public double metric(String name, String... tags) {
        return meters.get(name).tags(tags).meters().stream()
                .flatMap(meter -> StreamSupport.stream(meter.measure().spliterator(), false))
                .mapToDouble(measurement -> measurement.getValue())
                .sum();
    }

    /** The same of a counter that is there only once something is counted. */
    public double metricOrZero(String name, String... tags) {
        return meters.find(name).tags(tags).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Override
    public void close() {
        clients.forEach(RawClient::close);
        broker.close();
    }

    /** What a test may want to be different; small limits that tests can reach. */
    public static final class Settings {
        public Authenticator authenticator = OPEN;
        public ClientObserver observer = ClientObserver.NONE;
        public List<ListenerConfig> listeners = List.of(new ListenerConfig("tcp", "127.0.0.1", 0));

        /** Null if no listener speaks TLS. */
        public @Nullable TlsSettings tls;

        public int connectionsMax = 10_000;
        public Duration connectTimeout = Duration.ofSeconds(10);
        public Duration signInDeadline = Duration.ofSeconds(10);
        public int connectBytesMax = 1 << 20;
        public int packetBytesMax = 1 << 20;
        public int keepAliveSecondsMax;
        public int outboundBytesMax = 1 << 16;
        public Duration expiryMax = Duration.ofDays(1);
        public int sessionsMax = 10_000;
        public int queueMessagesMax = 1_000;
        public int inflightMax = 100;
        public int subscriptionsMax = 100;
        public int retainedMax = 10_000;
        public int topicAliasMax = 16;
        public String responseInformation = "";
        public boolean refusesControlCharacters = true;
        public boolean refusesDollarTopics = true;
        public boolean checksPayloadFormat;
        public boolean closesDeniedPublishers;
        public Features features = Features.ALL;
        public QueuePolicy queuePolicy = QueuePolicy.DROP_NEWEST;
        public ShareStrategy shareStrategy = ShareStrategy.ROUND_ROBIN;

        public Duration stall = Duration.ofSeconds(60);
        public RateLimits rates = RateLimits.NONE;

        /** None, so that no figures are among what a test retains. */
        public Duration systemInterval = Duration.ZERO;

        public BrokerConfig config() {
            return new BrokerConfig(
                    listeners,
                    new BrokerConfig.Loops(2, 1),
                    new BrokerConfig.Limits(
                            connectionsMax,
                            connectTimeout,
                            signInDeadline,
                            connectBytesMax,
                            packetBytesMax,
                            keepAliveSecondsMax,
                            16,
                            outboundBytesMax),
                    new BrokerConfig.Protocol(
                            topicAliasMax,
                            responseInformation,
                            refusesControlCharacters,
                            refusesDollarTopics,
                            checksPayloadFormat,
                            closesDeniedPublishers,
                            features),
                    new BrokerConfig.Sessions(
                            expiryMax,
                            sessionsMax,
                            queueMessagesMax,
                            1 << 22,
                            inflightMax,
                            subscriptionsMax,
                            queuePolicy,
                            shareStrategy),
                    new BrokerConfig.Retained(retainedMax, 1 << 26),
                    rates,
                    new BrokerConfig.Times(systemInterval, Duration.ofSeconds(2), stall));
        }

        public BrokerFixture start() {
            return new BrokerFixture(this);
        }
    }
}
