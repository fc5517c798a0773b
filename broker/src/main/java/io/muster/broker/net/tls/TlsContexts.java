package io.muster.broker.net.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The contexts of one listener, one for each certificate. Each has ticket keys and a session cache
 * of its own, so nothing that was agreed with one listener is good for another, nor for the
 * contexts that take their place. Immutable but for {@link #release}.
 */
final class TlsContexts {

    private static final String[] GROUPS = {"X25519", "P-256", "P-384"};

    /** How long a session can be resumed, and how many are remembered that need it. */
    private static final long SESSION_SECONDS = 3600;

    private static final long SESSIONS_MAX = 20_000;

    private final List<Offer> offers;

    /**
     * What a client may be shown.
     *
     * @param context in which that happens
     */
    record Offer(ServerCertificate certificate, SslContext context) {}

    private TlsContexts(List<Offer> offers) {
        this.offers = offers;
    }

    /**
     * Makes them.
     *
     * @param provider not {@link TlsProvider#AUTO}
     * @param clients whoever judges the certificates of clients, if they need one
     * @throws IllegalArgumentException if there is no certificate, or the provider refuses one
     */
    static TlsContexts of(
            TlsProvider provider,
            List<ServerCertificate> certificates,
            Optional<X509ExtendedTrustManager> clients) {
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("a listener over TLS needs a certificate");
        }
        List<Offer> offers = new ArrayList<>();
        try {
            for (ServerCertificate certificate : certificates) {
                offers.add(new Offer(certificate, context(provider, certificate, clients)));
            }
        } catch (SSLException | RuntimeException e) {
            new TlsContexts(offers).release();
            throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
        }
        return new TlsContexts(List.copyOf(offers));
    }

    private static SslContext context(
            TlsProvider provider,
            ServerCertificate certificate,
            Optional<X509ExtendedTrustManager> clients)
            throws SSLException {
        SslContextBuilder builder =
                SslContextBuilder.forServer(
                                certificate.key(),
                                certificate.chain().toArray(X509Certificate[]::new))
                        .protocols(TlsSettings.VERSIONS)
                        .ciphers(TlsSettings.SUITES, SupportedCipherSuiteFilter.INSTANCE)
                        .sessionTimeout(SESSION_SECONDS)
                        .sessionCacheSize(SESSIONS_MAX);
        if (provider == TlsProvider.OPENSSL) {
            // Counted, so that no connection waits for a finalizer before its memory is free.
            builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                    .enableOcsp(OpenSsl.isOcspSupported())
                    .option(OpenSslContextOption.GROUPS, GROUPS)
                    // Judging a chain is the one thing that takes long and can be done elsewhere;
                    // without it, tasks only lose the alerts that tell clients what is wrong.
                    .option(OpenSslContextOption.USE_TASKS, clients.isPresent());
        } else {
            builder.sslProvider(SslProvider.JDK);
        }
        clients.ifPresent(
                judge ->
                        builder.clientAuth(ClientAuth.REQUIRE)
                                .trustManager(new ClientTrust(judge, provider)));
        return builder.build();
    }

    /** What a client is shown: the host counts first, then whether it can use the key. */
    Offer chosenFor(ClientHello hello) {
        Predicate<ServerCertificate> named =
                certificate -> hello.serverName().filter(certificate::isFor).isPresent();
        return first(named.and(hello::takes))
                .or(() -> first(named))
                .or(() -> first(hello::takes))
                .orElse(offers.get(0));
    }

    private Optional<Offer> first(Predicate<ServerCertificate> wanted) {
        return offers.stream().filter(offer -> wanted.test(offer.certificate())).findFirst();
    }

    /** Frees them once the last connection of theirs is closed; no more are made of them. */
    void release() {
        offers.forEach(offer -> ReferenceCountUtil.release(offer.context()));
    }
}
