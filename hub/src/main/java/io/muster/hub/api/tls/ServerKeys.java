package io.muster.hub.api.tls;

import io.muster.broker.net.tls.ServerCertificate;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows a client the first certificate that names the host it asks for and whose key it can use; if
 * none names that host, the first that it can use. As the listeners of MQTT do. Immutable; shared.
 */
final class ServerKeys extends X509ExtendedKeyManager {

    private static final String RSA = "RSA";
    private static final String EC = "EC";

    private final List<ServerCertificate> certificates;

    ServerKeys(List<ServerCertificate> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        Optional<String> host = host(engine);
        Predicate<ServerCertificate> named = each -> host.filter(each::isFor).isPresent();
        boolean anyNamed = certificates.stream().anyMatch(named);
        for (int i = 0; i < certificates.size(); i++) {
            ServerCertificate certificate = certificates.get(i);
            boolean usable = keyType.equals(certificate.isEc() ? EC : RSA);
            if (usable && (!anyNamed || named.test(certificate))) {
                return Integer.toString(i);
            }
        }
        return null;
    }

    /** The host that the client asks for (RFC 6066, section 3). */
    private static Optional<String> host(SSLEngine engine) {
        if (!(engine.getHandshakeSession() instanceof ExtendedSSLSession session)) {
            return Optional.empty();
        }
        return session.getRequestedServerNames().stream()
                .filter(name -> name.getType() == StandardConstants.SNI_HOST_NAME)
                .map(ServerKeys::host)
                .findFirst();
    }

    private static String host(SNIServerName name) {
        return name instanceof SNIHostName host
                ? host.getAsciiName()
                : new String(name.getEncoded(), StandardCharsets.US_ASCII);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return find(alias).map(each -> each.chain().toArray(new X509Certificate[0])).orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return find(alias).map(ServerCertificate::key).orElse(null);
    }

    private Optional<ServerCertificate> find(String alias) {
        try {
            return Optional.of(certificates.get(Integer.parseInt(alias)));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** The server's engine is the only one that asks. */
    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
