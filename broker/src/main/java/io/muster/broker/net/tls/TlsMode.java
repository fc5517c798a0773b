package io.muster.broker.net.tls;

/**
 * Who shows a certificate on a listener. There is nothing between the two: a client that leaves its
 * certificate out must not get in by another way than it was meant to.
 */
public enum TlsMode {
    /** The broker alone. */
    SERVER,
    /** The client too: without a certificate that is trusted there is no connection. */
    MUTUAL
}
