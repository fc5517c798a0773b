package io.muster.hub.certificates.trust;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
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

    /** Where certificates of authorities are kept that were fetched, beside the lists. */
    private static final String FETCHED_FOLDER = "fetched-authorities";

    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final HubConfig.Certificates config;
    private final Trust trust;
    private final CrlWatch lists;
    private final AuthorityDownloads downloads;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread watcher = new Thread(task, "muster-trust");
                        watcher.setDaemon(true);
                        return watcher;
                    });

    /** These are confined to the thread once that is started: of the files that are in force. */
    private String digest = "";

    private List<TrustedAuthority> external = List.of();

    /** Whether others are trusted than the listener was told. */
    private boolean isToBeTold;

    /** Written by the thread. */
    private volatile List<TrustedAuthority> own;

    private boolean isFollowing = true;

    /**
     * Whether some are not trusted yet, since the registry does not say what they have revoked.
     * Written by the thread.
     */
    private volatile boolean isUnread;

    /** Why the files are not in force as they are now; empty if they are. Written by the thread. */
    private volatile List<String> problems = List.of();

    private volatile Listener listener = Listener.NOBODY;

    /** Is told what has changed, on threads of the trust; may take its time. */
    public interface Listener {

        /** These are revoked, and were not as far as was known. */
        void revoked(List<CertificateId> revoked);

        /** A list is in force: who is connected, or has a session, may not be good any more. */
        void listed(ListChange change);

        /** It is over with these authorities, as the registry calls them, and all below them. */
        void authoritiesEnded(Set<String> issuers);

        /** Others are trusted than before; told again if it fails. Includes that of a review. */
        void trustChanged();

        /** Does nothing. */
        Listener NOBODY =
                new Listener() {
                    @Override
                    public void revoked(List<CertificateId> revoked) {}

                    @Override
                    public void listed(ListChange change) {}

                    @Override
                    public void authoritiesEnded(Set<String> issuers) {}

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
        this.downloads =
                new AuthorityDownloads(
                        fetched(config).map(TrustConfig.External::ca).distinct().toList(),
                        sources.folder().resolveSibling(FETCHED_FOLDER),
                        config.trust().crlInterval(),
                        this::requireUsable);
        this.lists =
                new CrlWatch(
                        sources.folder(),
                        config.trust().crlInterval(),
                        clock,
                        meters,
                        (partition, before, now) ->
                                listener.listed(trust.change(partition, before, now)));
    }

    /**
     * Beside all that there is now, so that what is fetched can never be why a hub does not start.
     */
    private void requireUsable(Function<CaSource, Optional<byte[]>> kept) {
        List<TrustedAuthority> all = new ArrayList<>(own);
        all.addAll(new ExternalAuthorities(config, kept).read());
        trust.require(all);
    }

    /** The authorities whose certificates are on servers. */
    private static Stream<TrustConfig.External> fetched(HubConfig.Certificates config) {
        return config.trust().external().stream().filter(each -> each.ca().isAddress());
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
        try {
            downloads.awaitFirstLooks(FIRST_LOOKS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ExternalAuthorities files = new ExternalAuthorities(config, downloads::kept);
        String present = files.digest();
        use(own, files.read());
        digest = present;
        isToBeTold = false; // nobody is there yet
        trust.follow((revoked, endsAuthority) -> {});
        try {
            lists.awaitFirstLooks(FIRST_LOOKS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** All of it, or nothing if one of these cannot be trusted. */
    private void use(List<TrustedAuthority> issuers, List<TrustedAuthority> others) {
        List<TrustedAuthority> all = new ArrayList<>(issuers);
        all.addAll(others);
        isUnread = !trust.use(all);
        own = List.copyOf(issuers);
        external = others;
        isToBeTold = true;
        lists.watch(trust.lists());
    }

    /**
     * Looks whether the authorities that are not ours can be trusted, but for those on servers.
     * Blocks.
     *
     * @throws InvalidConfigException with a line for each that cannot
     */
    public static void check(HubConfig.Certificates config, Clock clock) {
        Trust trial =
                new Trust(
                        new RegistryRevocations(
                                (issuer, after, limit) -> List.of(), Duration.ZERO, clock),
                        clock);
        trial.use(new ExternalAuthorities(config, address -> Optional.empty()).read());
    }

    /** Who is trusted. */
    public Trust trust() {
        return trust;
    }

    /**
     * The hub's own issuers are these, from the return on. Waits for the thread that looks after
     * authorities, so that nobody issues by an issuer who is not trusted yet.
     *
     * @throws IllegalStateException if that has not come to it in time; it does so later
     */
    public void useOwn(List<TrustedAuthority> issuers, Duration timeout) {
        Future<?> done =
                thread.submit(
                        () -> {
                            use(issuers, external);
                            tell();
                            follow();
                            requireTold();
                        });
        try {
            done.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("issuers are not in use yet", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("issuers are not in use yet: " + e, e);
        }
    }

    /** Who is told what changes from now on; to be said before there are clients. */
    public void listener(Listener told) {
        listener = told;
    }

    /** Begins to look again and again. Lists are looked for since this was opened. */
    public void start() {
        var unusedFollowing =
                thread.scheduleWithFixedDelay(
                        this::follow, FOLLOW_MILLIS, FOLLOW_MILLIS, TimeUnit.MILLISECONDS);
        long millis = config.tls().reloadInterval().toMillis();
        var unusedLooking =
                thread.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void follow() {
        try {
            trust.follow(this::revoked);
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

    private void revoked(List<CertificateId> revoked, boolean endsAuthority) {
        listener.revoked(revoked);
        if (endsAuthority) {
            listener.authoritiesEnded(trust.endedBy(revoked));
        }
    }

    private void look() {
        takeOver();
        if (isToBeTold) {
            tell();
            // Not before: whoever is trusted no more is out also while the registry is away.
            follow();
        }
    }

    /** What cannot be used changes nothing, and is tried again. */
    private void takeOver() {
        try {
            ExternalAuthorities files = new ExternalAuthorities(config, downloads::kept);
            String present = files.digest();
            boolean isNew = !present.equals(digest);
            if (isNew || trust.wouldTrustMore()) {
                use(own, isNew ? files.read() : external);
                digest = present;
            }
            problems = List.of();
        } catch (InvalidConfigException e) {
            cannotUse(e.problems());
        } catch (RuntimeException e) {
            cannotUse(List.of(e.toString()));
        }
    }

    /** Said once, as long as it is the same. */
    private void cannotUse(List<String> present) {
        if (!present.equals(problems)) {
            present.forEach(
                    line -> log.error("{}; authorities stay as they were, tried again", line));
        }
        problems = present;
    }

    private void requireTold() {
        if (isToBeTold || isUnread) {
            throw new IllegalStateException("not all was done that a change of issuers needs");
        }
    }

    private void tell() {
        try {
            listener.trustChanged();
            isToBeTold = false;
            log.info("authorities have changed authorities={}", trust.authorities().size());
        } catch (RuntimeException e) {
            log.error("not all was done that a change of authorities needs, tried again", e);
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
        fetched(config)
                .forEach(
                        each ->
                                downloads
                                        .failure(each.ca())
                                        .ifPresent(
                                                failure ->
                                                        worries.putIfAbsent(
                                                                each.name(),
                                                                "certificate is not fetched: "
                                                                        + failure)));
        fetched(config)
                .filter(each -> downloads.kept(each.ca()).isEmpty())
                .forEach(
                        each ->
                                worries.putIfAbsent(
                                        each.name(), "certificate is not fetched: not yet"));
        if (isUnread) {
            worries.put("registry", "cannot be read, so authorities that are new are not trusted");
        }
        if (!problems.isEmpty()) {
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
        try {
            // Or it might still have lists watched.
            var unused = thread.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lists.close();
        downloads.close();
    }
}
