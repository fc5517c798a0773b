package io.muster.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.Broker;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.spi.ClientObserver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A broker on the loopback address that lets everybody in. It publishes no figures of its own, so
 * that the work of a message is all that is measured.
 */
final class RunningBroker implements AutoCloseable {

    private static final String LISTENER = "tcp";

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

    private final Broker broker;

    private RunningBroker(Broker broker) {
        this.broker = broker;
    }

    /** A broker with so many event loops; connections come to them by turns. */
    static RunningBroker start(int loops) {
        AuthResult anybody = AuthResult.accept(new Identity("benchmark", "", EVERYTHING, Map.of()));
        return new RunningBroker(
                Broker.start(
                        config(loops),
                        credentials -> CompletableFuture.completedFuture(anybody),
                        ClientObserver.NONE,
                        new SimpleMeterRegistry()));
    }

    private static BrokerConfig config(int loops) {
        BrokerConfig usual = BrokerConfig.of(List.of(new ListenerConfig(LISTENER, "127.0.0.1", 0)));
        return new BrokerConfig(
                usual.listeners(),
                new BrokerConfig.Loops(loops, 1),
                usual.limits(),
                usual.protocol(),
                usual.sessions(),
                usual.retained(),
                usual.rates(),
                new BrokerConfig.Times(
                        Duration.ZERO, usual.times().stopGrace(), usual.times().stall()));
    }

    /** A new client, signed in. */
    WireClient connect(String clientIdentifier) {
        InetSocketAddress address = Objects.requireNonNull(broker.addresses().get(LISTENER));
        return WireClient.connect(address, clientIdentifier);
    }

    @Override
    public void close() {
        broker.close();
    }
}
