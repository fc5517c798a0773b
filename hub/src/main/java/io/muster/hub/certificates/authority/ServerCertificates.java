package io.muster.hub.certificates.authority;

import io.muster.broker.net.tls.ServerCertificate;
import io.muster.ca.file.DurableFile;
import io.muster.ca.key.KeyKind;
import io.muster.hub.tls.PemFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub's own certificates for TLS, one for each kind of key that is configured: kept in a file
 * each, with its key, and renewed in the last third of their life, when the hub is called
 * otherwise, and when another issuer takes over; the one before is revoked as superseded once it is
 * not shown any more. Shared by threads; {@link #current} tells from memory.
 */
public final class ServerCertificates implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServerCertificates.class);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

    private final Path folder;
    private final List<KeyKind> keys;
    private final ServerIssuing issuing;
    private final Clock clock;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread renewer = new Thread(task, "muster-server-certificates");
                        renewer.setDaemon(true);
                        return renewer;
                    });

    /** Those whose place others have taken, and that are good yet; confined to who reads. */
    private final List<ServerCertificate> replaced = new ArrayList<>();

    private volatile List<ServerCertificate> current = List.of();

    /** What is done when one was renewed; nothing before anybody watches. */
    private volatile Runnable renewal = () -> {};

    private volatile Optional<String> alarm = Optional.empty();

    private ServerCertificates(
            Path folder, List<KeyKind> keys, ServerIssuing issuing, Clock clock) {
        this.folder = folder;
        this.keys = keys;
        this.issuing = issuing;
        this.clock = clock;
    }

    /**
     * Reads those that there are, and issues those that are not, or are not good any more. Blocks.
     *
     * @throws RuntimeException if one can be neither read nor issued: why
     */
    public static ServerCertificates open(OwnAuthority authority, Clock clock) {
        AuthoritySetup setup = authority.setup();
        ServerCertificates certificates =
                new ServerCertificates(
                        setup.server(),
                        setup.config().server().keys(),
                        new ServerIssuing(authority, setup.serverNames(), clock),
                        clock);
        certificates.current = certificates.read();
        certificates.supersede();
        return certificates;
    }

    private List<ServerCertificate> read() {
        List<ServerCertificate> all = new ArrayList<>();
        Optional<String> trouble = Optional.empty();
        for (KeyKind key : keys) {
            Optional<ServerCertificate> stored = stored(key);
            Optional<String> reason = reason(stored);
            if (reason.isEmpty()) {
                all.add(stored.orElseThrow());
                continue;
            }
            try {
                all.add(issue(key, reason.get()));
                stored.ifPresent(replaced::add);
            } catch (RuntimeException | IOException e) {
                // What is there is better than nothing as long as clients take it.
                ServerCertificate old =
                        stored.filter(this::isNotExpired).orElseThrow(() -> failed(key, e));
                all.add(old);
                trouble = Optional.of(notRenewed(key, old, e));
            }
        }
        tell(trouble);
        return all;
    }

    /** What is not shown any more is not to be good for as long as it would have been. */
    private void supersede() {
        replaced.removeIf(
                old -> {
                    try {
                        issuing.supersede(old);
                    } catch (RuntimeException e) {
                        log.warn("a certificate that was replaced is good until it expires", e);
                    }
                    return true;
                });
    }

    private boolean isNotExpired(ServerCertificate certificate) {
        return clock.instant().isBefore(certificate.notAfter());
    }

    private static IllegalStateException failed(KeyKind key, Exception cause) {
        return new IllegalStateException(
                "no certificate for the hub itself with a key of "
                        + key
                        + ": "
                        + cause.getMessage(),
                cause);
    }

    private static String notRenewed(KeyKind key, ServerCertificate old, Exception cause) {
        return "the hub's own certificate with a key of %s, which expires at %s, is not renewed: %s"
                .formatted(key, old.notAfter(), cause.getMessage());
    }

    private void tell(Optional<String> trouble) {
        if (!trouble.equals(alarm)) {
            trouble.ifPresent(sentence -> log.error("{}", sentence));
            alarm = trouble;
        }
    }

    private Optional<ServerCertificate> stored(KeyKind key) {
        Path file = file(key);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            PemFile pem = PemFile.read(file);
            return Optional.of(new ServerCertificate(pem.certificates(), pem.privateKey()));
        } catch (IOException | IllegalArgumentException e) {
            log.warn("own certificate cannot be used, another is issued file={}", file, e);
            return Optional.empty();
        }
    }

    /** Why another is needed; empty if none is. */
    private Optional<String> reason(Optional<ServerCertificate> stored) {
        return stored.isEmpty()
                ? Optional.of("there is none")
                : issuing.reasonToRenew(stored.get());
    }

    private ServerCertificate issue(KeyKind key, String reason) throws IOException {
        ServerIssuing.Issued issued = issuing.issue(key);
        DurableFile.replace(file(key), issued.pem().getBytes(StandardCharsets.US_ASCII));
        log.info(
                "own certificate issued key={} names={} notAfter={} reason=\"{}\"",
                key,
                issuing.names(),
                issued.certificate().notAfter(),
                reason);
        return issued.certificate();
    }

    private Path file(KeyKind key) {
        return folder.resolve(key.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".pem");
    }

    /** What the hub shows, in the order in which keys are configured. */
    public List<ServerCertificate> current() {
        return current;
    }

    /** When the first of them expires. */
    public Instant notAfter() {
        return current.stream()
                .map(ServerCertificate::notAfter)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** What somebody must see to: a sentence; empty if all is well. */
    public Optional<String> alarm() {
        return alarm.or(this::overdue);
    }

    /** Told from the certificates themselves, whatever has become of who should renew them. */
    private Optional<String> overdue() {
        Instant end = notAfter();
        return clock.instant().isAfter(end.minus(issuing.life().dividedBy(6)))
                ? Optional.of("the hub's own certificate expires at " + end + " and is not renewed")
                : Optional.empty();
    }

    /**
     * Begins to look whether one is to be renewed.
     *
     * @param renewal called when one was; throws if what is current now cannot be used after all
     */
    public void watch(Runnable renewal) {
        this.renewal = renewal;
        Duration some = issuing.life().dividedBy(1000);
        Duration pause =
                some.compareTo(LONGEST_PAUSE) > 0
                        ? LONGEST_PAUSE
                        : some.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : some;
        var unused =
                thread.scheduleWithFixedDelay(
                        () -> look(renewal),
                        pause.toMillis(),
                        pause.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /** Has it looked at soon, as another issuer may have taken over. */
    public void lookSoon() {
        try {
            thread.execute(() -> look(renewal));
        } catch (RejectedExecutionException stopping) {
            log.debug("own certificates are not looked at any more", stopping);
        }
    }

    /** For tests, and for the thread. */
    void look(Runnable renewal) {
        List<ServerCertificate> before = current;
        try {
            List<ServerCertificate> now = read();
            if (!now.equals(before)) {
                current = now;
                renewal.run();
                supersede();
            }
        } catch (Throwable e) {
            // The next look comes; without this none would.
            current = before;
            tell(Optional.of("the hub's own certificates are not renewed: " + e.getMessage()));
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            // What is being issued is finished, before the registry is closed.
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
