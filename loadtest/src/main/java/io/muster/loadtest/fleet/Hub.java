package io.muster.loadtest.fleet;

import java.net.URI;
import java.nio.file.Path;

/**
 * The hub that is loaded when no option names another broker. An immutable value.
 *
 * @param host name or address of its MQTT listener
 * @param port TCP port of its MQTT listener
 * @param management scheme, host and port of its management API
 * @param tokenFile the file with the operator's token
 */
public record Hub(String host, int port, URI management, Path tokenFile) {

    /** One with default settings, on this machine and with its data in the working folder. */
    public static Hub byDefault() {
        return new Hub(
                "127.0.0.1",
                1883,
                URI.create("http://127.0.0.1:8080"),
                Path.of("data/operator-token"));
    }
}
