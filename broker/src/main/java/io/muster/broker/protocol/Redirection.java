package io.muster.broker.protocol;

import io.muster.broker.session.ConnectionEnd;
import java.util.Optional;

/**
 * Where clients are sent instead of here [MQTT5 4.11]. Immutable.
 *
 * @param moved whether for good: they are told 0x9D, Server moved; otherwise 0x9C, Use another
 *     server
 * @param serverReference where to, as the Server Reference property says it: names or addresses
 *     with or without a port, separated by spaces [MQTT5 4.11]; empty leaves it to the client
 */
public record Redirection(boolean moved, Optional<String> serverReference) {

    /** What ends the connections of clients that are redirected. */
    public ConnectionEnd end() {
        return moved ? ConnectionEnd.SERVER_MOVED : ConnectionEnd.USE_ANOTHER_SERVER;
    }
}
