package io.muster.broker.net.websocket;

import java.util.Set;

/**
 * A WebSocket listener.
 *
 * @param path where MQTT is, beginning with a slash
 * @param origins which web pages may connect, such as {@code https://console.example}; {@code *} is
 *     all. Clients that are no browsers send no origin and are not asked for one, and one that is
 *     the IP address and port connected to is let in anyway
 */
public record WebSocketSettings(String path, Set<String> origins) {

    /** Allows every origin. */
    public static final String ANY_ORIGIN = "*";

    /** Copies the set. */
    public WebSocketSettings {
        origins = Set.copyOf(origins);
    }

    boolean allows(String origin) {
        return origins.contains(ANY_ORIGIN) || origins.stream().anyMatch(origin::equalsIgnoreCase);
    }
}
