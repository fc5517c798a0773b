package io.muster.broker.spi;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A client that was refused. Only the address is certain: the rest is what it said of itself.
 *
 * @param clientIdentifier as it stood in its CONNECT packet
 * @param username as it stood there
 * @param remoteAddress where it came from
 * @param reason the name of the reason code, in small letters: {@code connection_rate_exceeded}
 * @param detail a sentence for the log; never a secret
 */
public record RefusedClient(
        String clientIdentifier,
        Optional<String> username,
        InetSocketAddress remoteAddress,
        String reason,
        String detail) {}
