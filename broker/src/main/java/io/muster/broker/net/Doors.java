package io.muster.broker.net;

import io.muster.broker.net.proxy.ProxySettings;
import io.muster.broker.net.tls.ListenerTls;
import io.muster.broker.net.websocket.WebSocketSettings;
import java.util.Optional;

/**
 * What stands between the socket and the packets, in the order in which a connection passes it.
 *
 * @param proxy there if the listener is behind proxies
 * @param tls there if it speaks TLS
 * @param webSocket there if it serves WebSocket
 */
public record Doors(
        Optional<ProxySettings> proxy,
        Optional<ListenerTls> tls,
        Optional<WebSocketSettings> webSocket) {

    /** Whether nothing does. */
    boolean isPlain() {
        return proxy.isEmpty() && tls.isEmpty() && webSocket.isEmpty();
    }
}
