package io.muster.auth.spi;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

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

    private static final int MAX_PRINTED = 200;

    /**
     * Control, format, surrogate, unassigned and private characters, what separates lines, and what
     * could end a text in quotation marks.
     */
    private static final Pattern FORGING = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}\"\\\\]");

    /** Copies the certificate list and the password. */
    public Credentials {
        password = password.map(byte[]::clone);
        peerCertificates = List.copyOf(peerCertificates);
    }

    @Override
    public Optional<byte[]> password() {
        return password.map(byte[]::clone);
    }

    /** Everything but the password and the certificates, in printable characters. */
    @Override
    public String toString() {
        return "Credentials[clientIdentifier=%s, username=%s, remoteAddress=%s, protocolLevel=%d, listener=%s]"
                .formatted(
                        printable(clientIdentifier),
                        printable(username.orElse("-")),
                        remoteAddress,
                        protocolLevel,
                        listener);
    }

    /** At most 200 characters of {@code text}, those that could forge a log line escaped. */
    static String printable(String text) {
        int length = Math.min(MAX_PRINTED, text.codePointCount(0, text.length()));
        return FORGING.matcher(text.substring(0, text.offsetByCodePoints(0, length)))
                .replaceAll(match -> "\\\\u{%x}".formatted(match.group().codePointAt(0)));
    }
}
