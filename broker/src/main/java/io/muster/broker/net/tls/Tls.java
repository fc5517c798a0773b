package io.muster.broker.net.tls;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.broker.metrics.TlsMetrics;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.CallerRunsPolicy;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS of all listeners: what they have in common. Asked for listeners and renewed by one thread at
 * a time.
 */
public final class Tls implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Tls.class);

    private final TlsSettings settings;
    private final TlsProvider provider;
    private final TlsMetrics metrics;
    private final Handshakes handshakes;
    private final ThreadPoolExecutor executor;
    private final List<ListenerTls> listeners = new ArrayList<>();

    private Tls(TlsSettings settings, TlsProvider provider, MeterRegistry meters) {
        this.settings = settings;
        this.provider = provider;
        this.metrics = new TlsMetrics(meters, provider.name().toLowerCase(Locale.ROOT));
        this.handshakes = new Handshakes(settings.handshakesMax(), metrics);
        this.executor = executor(settings.handshakesMax());
    }

    /**
     * Opens it without listeners.
     *
     * @throws IllegalStateException if the provider is not there
     */
    public static Tls open(TlsSettings settings, MeterRegistry meters) {
        TlsProvider provider = settings.provider().resolved();
        log.info("TLS is there provider={}", provider);
        return new Tls(settings, provider, meters);
    }

    /**
     * As many threads as processors: the event loops get their share of these all the same. Each
     * handshake has one task at a time, so the queue has room for all.
     */
    private static ThreadPoolExecutor executor(int handshakesMax) {
        int threads = Runtime.getRuntime().availableProcessors();
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        10,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(handshakesMax),
                        new DefaultThreadFactory("muster-tls", true),
                        new CallerRunsPolicy());
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /**
     * TLS of one more listener.
     *
     * @throws IllegalArgumentException if a certificate cannot be used
     */
    public ListenerTls listener(TlsMode mode) {
        List<ServerCertificate> certificates = settings.certificates().get();
        ListenerTls listener =
                new ListenerTls(mode, contexts(mode, certificates), settings, handshakes, executor);
        listeners.add(listener);
        showExpiry(certificates);
        return listener;
    }

    /**
     * Asks for certificates and trust again; connections that come from now on begin with those,
     * and resume no session of before. Blocks for some milliseconds.
     *
     * @throws IllegalArgumentException if they cannot be used; all is as it was then
     */
    public void renew() {
        List<ServerCertificate> certificates = settings.certificates().get();
        List<TlsContexts> made = new ArrayList<>();
        try {
            for (ListenerTls listener : listeners) {
                made.add(contexts(listener.mode(), certificates));
            }
        } catch (RuntimeException e) {
            made.forEach(TlsContexts::release);
            throw e;
        }
        for (int i = 0; i < made.size(); i++) {
            listeners.get(i).use(made.get(i));
        }
        showExpiry(certificates);
    }

    /** Of those with one name the one that expires first. */
    private void showExpiry(List<ServerCertificate> certificates) {
        metrics.showExpiry(
                certificates.stream()
                        .collect(
                                Collectors.toMap(
                                        ServerCertificate::name,
                                        ServerCertificate::notAfter,
                                        (one, other) -> one.isBefore(other) ? one : other)));
    }

    private TlsContexts contexts(TlsMode mode, List<ServerCertificate> certificates) {
        Optional<X509ExtendedTrustManager> clients =
                mode == TlsMode.MUTUAL
                        ? Optional.of(settings.clientTrust().get())
                        : Optional.empty();
        return TlsContexts.of(provider, certificates, clients);
    }

    /** Frees what it holds; called when no connection is left. */
    @Override
    public void close() {
        executor.shutdownNow();
        listeners.forEach(ListenerTls::release);
    }
}
