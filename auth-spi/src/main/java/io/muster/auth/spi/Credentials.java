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

    private static final int MAX_PRINTED = 200;

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
        StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_PRINTED));
        text.codePoints()
                .limit(MAX_PRINTED)
                .forEach(
                        character -> {
                            if (isPrintable(character)) {
                                printable.appendCodePoint(character);
                            } else {
                                printable.append("\\u{%x}".formatted(character));
                            }
                        });
        return printable.toString();
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }
}
