package io.muster.loadtest.client;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a TLS handshake needs, once for each certificate. Shared between threads. OpenSSL's
 * code does it where it is there: a handshake costs it a tenth of what it costs Java.
 */
final class TlsContexts {

    private static final SslProvider PROVIDER =
            OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

    /** One for all clients when they have no certificates. */
    private static final String NOBODY = "";

    private final Tls tls;
    private final Map<String, SslContext> contexts = new ConcurrentHashMap<>();

    TlsContexts(Tls tls) {
        this.tls = tls;
    }

    /**
     * What the client with a name needs. Blocks for a file.
     *
     * @throws IOException that says which file cannot be used
     */
    SslContext of(String name) throws IOException {
        String key = tls.certificates() == null ? NOBODY : name;
        SslContext known = contexts.get(key);
        if (known != null) {
            return known;
        }
        SslContext made = make(tls.certificates(), name);
        contexts.put(key, made);
        return made;
    }

    private SslContext make(@Nullable Path certificates, String name) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(PROVIDER);
        if (tls.trust() != null) {
            builder.trustManager(readable(tls.trust()).toFile());
        }
        if (certificates != null) {
            addCertificate(builder, certificates, name);
        }
        return builder.build();
    }

    private static void addCertificate(SslContextBuilder builder, Path folder, String name)
            throws IOException {
        Path chain = readable(folder.resolve(name + ".crt"));
        Path key = readable(folder.resolve(name + ".key"));
        try {
            builder.keyManager(chain.toFile(), key.toFile());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "%s and %s are no certificate and key in PEM".formatted(chain, key), e);
        }
    }

    private static Path readable(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + " cannot be read");
        }
        return file;
    }
}
