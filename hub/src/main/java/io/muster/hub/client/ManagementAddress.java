package io.muster.hub.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where the management API of a hub is. Immutable.
 *
 * @param text its beginning, such as {@code http://127.0.0.1:8080}
 * @param tls who is trusted to vouch for the hub, if TLS is spoken
 */
public record ManagementAddress(String text, Optional<SSLContext> tls) {

    /**
     * Without TLS.
     *
     * @param bind what the API is bound to; all addresses means that it is here
     * @param port the port of the API
     * @throws ManagementException if the port is not known
     */
    public static ManagementAddress plain(String bind, int port) {
        return new ManagementAddress(
                "http://" + literal(bind) + ":" + known("management.port", port), Optional.empty());
    }

    /**
     * Over TLS.
     *
     * @param bind what the API is bound to; all addresses means that it is here
     * @param port the port of the API
     * @param authorities a file in PEM with the certificates of those who vouch for the hub
     * @throws ManagementException if the port is not known, or the file cannot be used
     */
    public static ManagementAddress tls(String bind, int port, Path authorities) {
        return new ManagementAddress(
                "https://" + literal(bind) + ":" + known("management.tls.port", port),
                Optional.of(trusting(authorities)));
    }

    private static int known(String key, int port) {
        if (port == 0) {
            throw new ManagementException(
                    key + " = 0: the system chose a port that is not known here; set one");
        }
        return port;
    }

    private static String literal(String bind) {
        return switch (bind) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> bind.contains(":") ? "[" + bind + "]" : bind;
        };
    }

    private static SSLContext trusting(Path authorities) {
        try (InputStream in = Files.newInputStream(authorities)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            int number = 0;
            for (Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("authority-" + number++, each);
            }
            if (number == 0) {
                throw new ManagementException(authorities + " holds no certificate in PEM");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new ManagementException(authorities + " cannot be used: " + e, e);
        }
    }
}
