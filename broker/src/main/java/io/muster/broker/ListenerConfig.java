package io.muster.broker;

import io.muster.broker.net.proxy.ProxySettings;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.net.websocket.WebSocketSettings;
import java.util.Optional;

/**
 * Where the broker listens.
 *
 * @param name unique; appears in metrics, logs and to authenticators
 * @param bind host name or address
 * @param port 0 to 65535; 0 lets the system choose
 * @param webSocket there if it serves MQTT over WebSocket, not over TCP alone
 * @param proxy there if it is behind proxies that send a PROXY header
 * @param tls there if it speaks TLS; {@link Broker#listen(io.muster.broker.net.tls.TlsSettings)}
 *     says with what
 */
public record ListenerConfig(
        String name,
        String bind,
        int port,
        Optional<WebSocketSettings> webSocket,
        Optional<ProxySettings> proxy,
        Optional<TlsMode> tls) {

    /** Serves MQTT without TLS. */
    public ListenerConfig(
            String name,
            String bind,
            int port,
            Optional<WebSocketSettings> webSocket,
            Optional<ProxySettings> proxy) {
        this(name, bind, port, webSocket, proxy, Optional.empty());
    }

    /** Serves MQTT over TCP, to clients that connect directly. */
    public ListenerConfig(String name, String bind, int port) {
        this(name, bind, port, Optional.empty(), Optional.empty());
    }

    /** Whether a client speaks MQTT on its socket from the first byte. */
    public boolean isPlain() {
        return webSocket.isEmpty() && proxy.isEmpty() && tls.isEmpty();
    }
}
