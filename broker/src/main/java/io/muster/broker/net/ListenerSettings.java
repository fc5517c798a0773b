package io.muster.broker.net;

import io.muster.broker.net.proxy.ProxySettings;
import io.muster.broker.net.websocket.WebSocketSettings;
import java.util.Optional;

/**
 * One listener.
 *
 * @param name its name
 * @param bind host name or address
 * @param port 0 lets the system choose
 * @param packetBytesMax largest packet accepted
 * @param outboundBytesMax bytes waiting for one client above which it counts as slow
 * @param heldBytesMax bytes held of a client that waits as a publisher while others wait for it
 * @param webSocket there if it serves WebSocket, not plain MQTT
 * @param proxy there if it is behind proxies
 */
public record ListenerSettings(
        String name,
        String bind,
        int port,
        int packetBytesMax,
        int outboundBytesMax,
        int heldBytesMax,
        Optional<WebSocketSettings> webSocket,
        Optional<ProxySettings> proxy) {

    /** Whether nothing stands between the socket and the packets. */
    boolean isPlain() {
        return webSocket.isEmpty() && proxy.isEmpty();
    }
}
