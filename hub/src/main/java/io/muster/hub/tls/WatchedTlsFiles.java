package io.muster.hub.tls;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.broker.net.tls.TlsSettings;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.monitoring.TlsFileMetrics;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of TLS as they are now: looked at again and again, on a thread of their own. What is
 * new and good takes the place of what was; what is new and bad is told, and changes nothing.
 *
 * <p>Contents are compared, not dates: whoever replaces a certificate and its key does so one after
 * the other, by links, or within the second.
 *
 * <p>Shared.
 */
public final class WatchedTlsFiles implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WatchedTlsFiles.class);

    private final HubConfig.Tls config;

    private final TlsFileMetrics metrics;
    private final Clock clock;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread watcher = new Thread(task, "muster-tls-files");
                        watcher.setDaemon(true);
                        return watcher;
                    });

    /** Confined to the thread once that is started. */
    private String digest;

    private volatile TlsFiles inForce;

    private WatchedTlsFiles(HubConfig.Tls config, TlsFileMetrics metrics, Clock clock) {
        this.config = config;
        this.metrics = metrics;
        this.clock = clock;
        this.digest = TlsFiles.digest(config);
        this.inForce = TlsFiles.read(config, clock.instant());
    }

    /**
     * Reads the files. Blocks.
     *
     * @throws InvalidConfigException with a line for each that cannot be used
     */
    public static WatchedTlsFiles open(HubConfig.Tls config, TlsFileMetrics metrics, Clock clock) {
        WatchedTlsFiles files = new WatchedTlsFiles(config, metrics, clock);
        files.warn();
        return files;
    }

    private void warn() {
        inForce.warnings().forEach(warning -> log.warn("{}", warning));
    }

    /**
     * What the broker is to know; it asks for what is in force when it needs it.
     *
     * @param own certificates that are shown instead of those of files, of which there are none
     * @param clientTrust judges the certificates of clients
     */
    public TlsSettings settings(
            Optional<Supplier<List<ServerCertificate>>> own,
            Supplier<X509ExtendedTrustManager> clientTrust,
            Function<ServerCertificate, Optional<byte[]>> statusOf) {
        return new TlsSettings(
                config.provider(),
                own.orElse(() -> inForce.certificates()),
                clientTrust,
                config.handshakeTimeout(),
                config.handshakesMax(),
                statusOf);
    }

    /**
     * Begins to look whether they have changed.
     *
     * @param renewal called when they have; throws if what is in force now cannot be used after all
     */
    public void watch(Runnable renewal) {
        long millis = config.reloadInterval().toMillis();
        var unused =
                thread.scheduleWithFixedDelay(
                        () -> look(renewal), millis, millis, TimeUnit.MILLISECONDS);
    }

    private void look(Runnable renewal) {
        TlsFiles before = inForce;
        try {
            String present = TlsFiles.digest(config);
            if (present.equals(digest)) {
                return;
            }
            digest = present;
            inForce = TlsFiles.read(config, clock.instant());
            renewal.run();
            metrics.renewed();
            log.info("files of TLS have changed: new connections get what is new");
            warn();
        } catch (InvalidConfigException e) {
            metrics.refused();
            e.problems().forEach(line -> log.error("{}; what was before stays in force", line));
        } catch (RuntimeException e) {
            inForce = before;
            metrics.refused();
            log.error("files of TLS cannot be used; what was before stays in force", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
