package io.muster.auth.spi;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What a client presented in its CONNECT packet and on its connection.
 *
 * @param clientIdentifier the client identifier as sent; empty if the client asked the server to
 *     assign one
 * @param username the user name, if sent
 * @param password the password, if sent; binary by the specification. The accessor returns a copy
 * @param peerCertificates the client's verified TLS certificate chain, its own first; empty without
 *     one
 * @param remoteAddress the address the client connected from
 * @param protocolLevel the MQTT protocol level: 3 (3.1), 4 (3.1.1) or 5 (5.0)
 * @param listener the name of the listener that accepted the connection
 */
public record Credentials(
        String clientIdentifier,
        Optional<String> username,
        Optional<byte[]> password,
        List<X509Certificate> peerCertificates,
        InetSocketAddress remoteAddress,
        int protocolLevel,
        String listener) {

    /** Copies the certificate list and the password. */
    public Credentials {
        password = password.map(byte[]::clone);
        peerCertificates = List.copyOf(peerCertificates);
    }

    @Override
    public Optional<byte[]> password() {
        return password.map(byte[]::clone);
    }

    /** Everything but the password. */
    @Override
    public String toString() {
        return "Credentials[clientIdentifier=%s, username=%s, remoteAddress=%s, protocolLevel=%d, listener=%s]"
                .formatted(
                        clientIdentifier,
                        username.orElse("-"),
                        remoteAddress,
                        protocolLevel,
                        listener);
    }
}
