package io.muster.hub.certificates.trust;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link Trust} up to date: the files of authorities, their lists, and what the registry
 * knows as revoked. Looks on a thread of its own, and waits for nobody's sake anywhere else.
 * Shared.
 */
public final class WatchedTrust implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(WatchedTrust.class);

    /** Revocations by another process are in force after this. */
    private static final long FOLLOW_MILLIS = 500;

    private static final Duration FIRST_LOOKS = Duration.ofSeconds(5);

    /** What may pass, and is no mistake of who configured it. */
    private static final Set<RefusalCause> OF_TIME =
            Set.of(
                    RefusalCause.EXPIRED,
                    RefusalCause.NOT_YET_VALID,
                    RefusalCause.REVOKED,
                    RefusalCause.ISSUER_UNUSABLE);

    private final HubConfig.Certificates config;
    private final List<TrustedAuthority> own;
    private final Trust trust;
    private final CrlWatch lists;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread watcher = new Thread(task, "muster-trust");
                        watcher.setDaemon(true);
                        return watcher;
                    });

    /** These are confined to the thread once that is started. */
    private String digest = "";

    private boolean isFollowing = true;

    /** Whether the files are as what is in force; written by the thread. */
    private volatile boolean isReadable = true;

    private volatile Listener listener = Listener.NOBODY;

    /** Is told what has changed, on threads of the trust; may take its time. */
    public interface Listener {

        /** These are revoked, and were not as far as was known. */
        void revoked(List<CertificateId> revoked);

        /** Another list is in force. */
        void listAccepted();

        /** Others are trusted than before. */
        void trustChanged();

        /** Does nothing. */
        Listener NOBODY =
                new Listener() {
                    @Override
                    public void revoked(List<CertificateId> revoked) {}

                    @Override
                    public void listAccepted() {}

                    @Override
                    public void trustChanged() {}
                };
    }

    /** Reads what the registry knows as revoked; see {@code CertificateRevocations.list}. */
    @FunctionalInterface
    public interface RegistryReading {

        /** What follows a position, at most so many. */
        List<RevokedCertificate> list(String issuer, Position after, int limit);
    }

    /**
     * What is followed.
     *
     * @param own the hub's own issuers
     * @param registry read on a thread that may wait
     * @param outageGrace how long the registry may be away before what it said is too old
     * @param folder where lists are kept
     */
    public record Sources(
            List<TrustedAuthority> own,
            RegistryReading registry,
            Duration outageGrace,
            Path folder) {}

    private WatchedTrust(
            HubConfig.Certificates config, Sources sources, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.own = sources.own();
        this.trust =
                new Trust(
                        new RegistryRevocations(
                                sources.registry()::list, sources.outageGrace(), clock),
                        clock);
        this.lists =
                new CrlWatch(
                        sources.folder(),
                        config.trust().crlInterval(),
                        clock,
                        meters,
                        authority -> listener.listAccepted());
    }

    /**
     * Reads everything once. Blocks, for lists that are slow to come some seconds at most.
     *
     * @throws InvalidConfigException with a line for each authority that cannot be used
     */
    public static WatchedTrust open(
            HubConfig.Certificates config, Sources sources, MeterRegistry meters, Clock clock) {
        WatchedTrust watched = new WatchedTrust(config, sources, meters, clock);
        try {
            watched.readFirst();
            return watched;
        } catch (RuntimeException e) {
            watched.close();
            throw e;
        }
    }

    private void readFirst() {
        ExternalAuthorities files = new ExternalAuthorities(config);
        digest = files.digest();
        use(files.read());
        trust.follow(known -> {});
        try {
            lists.awaitFirstLooks(FIRST_LOOKS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void use(List<TrustedAuthority> external) {
        List<TrustedAuthority> all = new ArrayList<>(own);
        all.addAll(external);
        trust.use(all);
        lists.watch(trust.lists());
        requireUsable(trust);
    }

    private static void requireUsable(Trust trust) {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<TrustedAuthority, CertificateRefusedException> each :
                trust.unusable().entrySet()) {
            if (!OF_TIME.contains(each.getValue().refusal())) {
                problems.add(
                        "authority %s cannot be trusted: %s"
                                .formatted(each.getKey().name(), each.getValue().getMessage()));
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
    }

    /**
     * Looks whether the authorities that are not ours can be trusted. Blocks.
     *
     * @throws InvalidConfigException with a line for each that cannot
     */
    public static void check(HubConfig.Certificates config, Clock clock) {
        Trust trial =
                new Trust(
                        new RegistryRevocations(
                                (issuer, after, limit) -> List.of(), Duration.ZERO, clock),
                        clock);
        trial.use(new ExternalAuthorities(config).read());
        requireUsable(trial);
    }

    /** Who is trusted. */
    public Trust trust() {
        return trust;
    }

    /** Begins to look again and again. */
    public void start(Listener told) {
        listener = told;
        var unusedFollowing =
                thread.scheduleWithFixedDelay(
                        this::follow, FOLLOW_MILLIS, FOLLOW_MILLIS, TimeUnit.MILLISECONDS);
        long millis = config.tls().reloadInterval().toMillis();
        var unusedLooking =
                thread.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void follow() {
        try {
            trust.follow(revoked -> listener.revoked(revoked));
            if (!isFollowing) {
                log.info("revocations in the registry are read again");
            }
            isFollowing = true;
        } catch (RuntimeException e) {
            if (isFollowing) {
                log.warn("revocations in the registry cannot be read", e);
            }
            isFollowing = false;
        }
    }

    private void look() {
        try {
            ExternalAuthorities files = new ExternalAuthorities(config);
            String present = files.digest();
            boolean maySucceed = !trust.unusable().isEmpty() && isReadable;
            if (present.equals(digest) && !maySucceed) {
                return;
            }
            boolean isNew = !present.equals(digest);
            digest = present;
            int before = trust.unusable().size();
            List<TrustedAuthority> read = files.read();
            use(read);
            isReadable = true;
            if (isNew || trust.unusable().size() != before) {
                trust.follow(revoked -> listener.revoked(revoked));
                listener.trustChanged();
                log.info("authorities have changed authorities={}", trust.authorities().size());
            }
        } catch (InvalidConfigException e) {
            isReadable = false;
            e.problems().forEach(line -> log.error("{}; authorities are not as their files", line));
        } catch (RuntimeException e) {
            isReadable = false;
            log.error("authorities cannot be read", e);
        }
    }

    /** What somebody must see to; empty if all is well. Never blocks. */
    public Optional<String> alarm() {
        Map<String, String> worries = new TreeMap<>(trust.worries());
        trust.authorities()
                .forEach(
                        each ->
                                lists.failure(each)
                                        .ifPresent(
                                                failure ->
                                                        worries.putIfAbsent(each.name(), failure)));
        if (!isReadable) {
            worries.put("files", "cannot be used, so what was before is in force");
        }
        return worries.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        worries.entrySet().stream()
                                .map(each -> each.getKey() + ": " + each.getValue())
                                .reduce((one, other) -> one + "; " + other)
                                .orElseThrow());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        lists.close();
    }
}
