package io.muster.broker;

/**
 * Where the broker listens.
 *
 * @param name unique; appears in metrics, logs and to authenticators
 * @param bind host name or address
 * @param port 0 to 65535; 0 lets the system choose
 */
public record ListenerConfig(String name, String bind, int port) {}
