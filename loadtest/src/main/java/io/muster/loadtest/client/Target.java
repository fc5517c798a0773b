package io.muster.loadtest.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is, and how to speak to it. An immutable value.
 *
 * @param host name or address
 * @param port TCP port
 * @param version protocol version, {@code 3.1.1} or {@code 5}
 * @param path of the WebSocket; null for MQTT right over TCP or TLS
 * @param tls null for no TLS
 * @param from addresses of this machine to connect from, in turn; empty leaves it to the system
 */
public record Target(
        String host,
        int port,
        String version,
        @Nullable String path,
        @Nullable Tls tls,
        List<String> from) {

    /** MQTT 3.1.1. */
    public static final String VERSION_3 = "3.1.1";

    /** MQTT 5.0. */
    public static final String VERSION_5 = "5";

    /** Checks the range of the port, the version and the path. */
    public Target {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("--port must be from 1 to 65535, not " + port);
        }
        if (!version.equals(VERSION_3) && !version.equals(VERSION_5)) {
            throw new IllegalArgumentException("--protocol must be 3.1.1 or 5, not " + version);
        }
        if (path != null && !path.startsWith("/")) {
            throw new IllegalArgumentException("--path must begin with /, not " + path);
        }
        from = List.copyOf(from);
    }

    /** MQTT over TCP, from wherever the system likes. */
    public static Target tcp(String host, int port, String version) {
        return new Target(host, port, version, null, null, List.of());
    }

    boolean version5() {
        return version.equals(VERSION_5);
    }
}
