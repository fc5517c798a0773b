package io.muster.broker.spi;

import io.muster.auth.spi.Identity;
import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * A client that is connected, as listings and observers see it.
 *
 * @param clientIdentifier the canonical client identifier of its session
 * @param sentClientIdentifier the client identifier that stood in its CONNECT packet
 * @param identity who it was found to be
 * @param remoteAddress where it connected from
 * @param listener the name of the listener that accepted it
 * @param protocolLevel 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0)
 * @param keepAliveSeconds the keep alive in force; 0 is off
 * @param connectedAt when it was accepted
 */
public record ConnectedClient(
        String clientIdentifier,
        String sentClientIdentifier,
        Identity identity,
        InetSocketAddress remoteAddress,
        String listener,
        int protocolLevel,
        int keepAliveSeconds,
        Instant connectedAt) {}
