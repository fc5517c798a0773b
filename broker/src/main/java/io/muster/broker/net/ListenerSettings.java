package io.muster.broker.net;

/**
 * One listener.
 *
 * @param name its name
 * @param bind host name or address
 * @param port 0 lets the system choose
 * @param packetBytesMax largest packet accepted
 * @param outboundBytesMax bytes waiting for one client above which it counts as slow
 * @param heldBytesMax bytes held of a client that waits as a publisher while others wait for it
 * @param doors what its connections pass before their packets
 */
public record ListenerSettings(
        String name,
        String bind,
        int port,
        int packetBytesMax,
        int outboundBytesMax,
        int heldBytesMax,
        Doors doors) {}
