package io.muster.broker;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.auth.spi.Authenticator;
import io.muster.broker.message.Message;
import io.muster.broker.spi.ClientObserver;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The broker: listeners, sessions and routing behind one front door. */
public final class Broker implements AutoCloseable {

    private Broker() {}

    /**
     * Binds all listeners and starts. Blocks until they accept connections.
     *
     * @param authenticator asked about every CONNECT; never asked on a thread that may block
     * @param observer told of clients that come and go
     * @param meters where the broker's metrics are registered
     * @throws java.io.UncheckedIOException naming the listener, if one cannot be bound; nothing is
     *     left open then
     */
    public static Broker start(
            BrokerConfig config,
            Authenticator authenticator,
            ClientObserver observer,
            MeterRegistry meters) {
        throw new IllegalStateException();
    }

    /** The addresses bound, by listener name. */
    public Map<String, InetSocketAddress> addresses() {
        throw new IllegalStateException();
    }

    /** The connected clients. */
    public Clients clients() {
        throw new IllegalStateException();
    }

    /**
     * Routes a message of the hub's own, retained if it says so. Complete when it has been handed
     * to all sessions.
     */
    public CompletionStage<Void> publish(Message message) {
        throw new IllegalStateException();
    }

    /**
     * Closes the listeners, tells the clients, ends their connections and stops. Blocks, at most
     * for the configured grace.
     */
    @Override
    public void close() {}
}
