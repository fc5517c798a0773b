package io.muster.broker.spi;

import io.muster.auth.spi.Identity;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client that is connected, as listings and observers see it. One connection has one of these,
 * and it is by that object that the connection is known from later ones of the same client.
 *
 * @param clientIdentifier the canonical client identifier of its session
 * @param sentClientIdentifier the client identifier that stood in its CONNECT packet
 * @param identity who it was found to be
 * @param origin how it came
 * @param protocolLevel 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0)
 * @param keepAliveSeconds the keep alive in force; 0 is off
 * @param connectedAt when it was accepted
 */
public record ConnectedClient(
        String clientIdentifier,
        String sentClientIdentifier,
        Identity identity,
        Origin origin,
        int protocolLevel,
        int keepAliveSeconds,
        Instant connectedAt) {

    /**
     * How a connection came.
     *
     * @param remoteAddress where it connected from
     * @param listener the name of the listener that accepted it
     * @param certificates the client's chain, its own first, as its TLS session showed it, resumed
     *     or not; empty without one
     */
    public record Origin(
            InetSocketAddress remoteAddress, String listener, List<X509Certificate> certificates) {

        /** Copies the list. */
        public Origin {
            certificates = List.copyOf(certificates);
        }

        /** One without certificates. */
        public Origin(InetSocketAddress remoteAddress, String listener) {
            this(remoteAddress, listener, List.of());
        }
    }

    /** Where it connected from. */
    public InetSocketAddress remoteAddress() {
        return origin.remoteAddress();
    }

    /** The name of the listener that accepted it. */
    public String listener() {
        return origin.listener();
    }

    /** Whether this is the same connection, and not only one that looks like it. */
    @SuppressWarnings("ReferenceEquality") // two connections within a millisecond are equal
    public boolean isSameAs(@Nullable ConnectedClient other) {
        return this == other;
    }
}
