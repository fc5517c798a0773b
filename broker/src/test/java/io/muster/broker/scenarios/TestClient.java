package io.muster.broker.scenarios;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of a library that others use, as far as the scenarios need it. Every call waits. */
abstract class TestClient {

    private final LinkedBlockingQueue<Received> received = new LinkedBlockingQueue<>();

    /** Where MQTT is on a WebSocket listener. */
    static final String PATH = "mqtt";

    /** What carries the packets. */
    enum Transport {
        TCP,
        WEBSOCKET
    }

    /** A message as the library handed it over. */
    record Received(String topic, String payload, int qos, boolean retain) {}

    /** A will of QoS 1. */
    record Will(String topic, String payload) {}

    /** How a client connects. */
    record Options(
            InetSocketAddress address,
            Transport transport,
            String clientIdentifier,
            boolean clean,
            Optional<Will> will) {

        String uri() {
            String authority = address.getHostString() + ":" + address.getPort();
            return transport == Transport.WEBSOCKET
                    ? "ws://" + authority + "/" + PATH
                    : "tcp://" + authority;
        }
    }

    /** Connects; true if there was a session. */
    abstract boolean connect() throws Exception;

    abstract void subscribe(String filter, int qos) throws Exception;

    abstract void unsubscribe(String filter) throws Exception;

    /** Publishes and waits until the message is acknowledged. */
    abstract void publish(String topic, String payload, int qos, boolean retain) throws Exception;

    abstract void disconnect() throws Exception;

    /** Goes away without DISCONNECT. */
    abstract void drop() throws Exception;

    abstract boolean isConnected();

    /** Disconnects if that is still to be done, and releases what the library holds. */
    abstract void close() throws Exception;

    void receive(Received message) {
        received.add(message);
    }

    /** The next message; fails if none comes. */
    Received next() throws InterruptedException {
        return Objects.requireNonNull(received.poll(10, TimeUnit.SECONDS), "no message came");
    }

    boolean hasNone() {
        return received.isEmpty();
    }
}
