package io.muster.hub.certificates.signin;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.auth.certificate.CertificateBindings;
import io.muster.auth.spi.EnhancedAuthenticator;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.broker.Clients;
import io.muster.broker.ListenerConfig;
import io.muster.broker.net.tls.TlsMode;
import io.muster.broker.spi.ClientObserver;
import io.muster.devices.DeviceLookup;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.outage.RegistryWatch;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.certificates.GoodCertificates;
import io.muster.hub.certificates.trust.ListChange;
import io.muster.hub.certificates.trust.Trust;
import io.muster.hub.certificates.trust.TrustedAuthority;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-in by certificate, put together: the gate before the authenticators, the observer behind
 * them, and the connections that end with their certificates. Opened and closed by one thread; the
 * rest is shared.
 */
public final class CertificateSignIn implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CertificateSignIn.class);

    /** Where lists of other authorities are kept, in the data folder. */
    private static final String LISTS_FOLDER = "revocation-lists";

    private static final int LOOKUPS_WAITING_MAX = 20_000;
    private static final long SWEEP_MILLIS = 1_000;

    /** How often connections of lists that are stale are looked at, in sweeps. */
    private static final int REVIEW_SWEEPS = 5;

    private final WatchedTrust watched;
    private final Trust trust;
    private final CertificateSessions sessions;
    private final AwaySessions away;
    private final CertificateConnections connections;
    private final CertificateBindings bindings;
    private final FirstUseBinding firstUse;
    private final FirstUses firstUses;
    private final Set<String> mutualListeners;
    private final Optional<Duration> staleConnections;
    private final ClientCertificateCheck ofConnected;
    private final MeterRegistry meters;
    private final ThreadPoolExecutor readers;
    private final Reviews reviews = new Reviews(this::review);
    private final Changes changes = new Changes();
    private final ScheduledExecutorService sweeps =
            Executors.newScheduledThreadPool(2, task -> daemon(task, "muster-certificates"));

    /** Confined to the thread that sweeps. */
    private int sweepsDone;

    private CertificateSignIn(
            HubConfig config,
            WatchedTrust watched,
            Registry registry,
            MeterRegistry meters,
            Clock clock) {
        this.watched = watched;
        this.trust = watched.trust();
        this.meters = meters;
        CertificateRegistry certificates = registry.certificates();
        Duration deadline = config.registry().timeout();
        this.sessions =
                new CertificateSessions(certificates::findOthers, trust::isGood, deadline, clock);
        this.away = new AwaySessions(registry, sessions, trust::isGood, clock);
        this.connections = new CertificateConnections(trust, sessions, away, meters, clock);
        this.readers = readers();
        this.bindings =
                new CertificateBindings(
                        registry, readers, deadline, config.devices().cacheMax(), System::nanoTime);
        this.firstUse =
                new FirstUseBinding(
                        certificates::bind,
                        config.certificates().enrolment().liveMax(),
                        deadline,
                        clock);
        this.firstUses = new FirstUses(certificates::markUsed, clock);
        this.mutualListeners =
                config.broker().listeners().stream()
                        .filter(each -> each.tls().filter(TlsMode.MUTUAL::equals).isPresent())
                        .map(ListenerConfig::name)
                        .collect(Collectors.toUnmodifiableSet());
        this.staleConnections = config.certificates().trust().staleConnections();
        this.ofConnected = trust.checkOfConnected(staleConnections);
        Gauge.builder("muster.certificate.connections", connections::size)
                .description("Connections of clients with certificates.")
                .register(meters);
    }

    /** One thread, since the others of the registry's connections are for devices. */
    private static ThreadPoolExecutor readers() {
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(LOOKUPS_WAITING_MAX),
                task -> daemon(task, "muster-certificate-reader"));
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * What the registry keeps of certificates.
     *
     * @param good those that are good, by issuer
     * @param watch knows whether it can be asked
     */
    public record Registry(
            CertificateRegistry certificates,
            CertificateRevocations revocations,
            GoodCertificates good,
            RegistryWatch watch)
            implements CertificateBindings.Registry, AwaySessions.Reading {

        @Override
        public long count(String issuer) {
            return good.count(issuer);
        }

        @Override
        public GoodCertificates.Page page(String issuer, String after, Instant now, int limit) {
            return good.page(issuer, after, now, limit);
        }

        @Override
        public Set<String> among(String issuer, Collection<String> serials, Instant now) {
            return good.among(issuer, serials, now);
        }

        @Override
        public Optional<Certificate> find(Sha256 fingerprint) {
            return certificates.findByFingerprint(fingerprint);
        }

        @Override
        public boolean isReadable() {
            return watch.isAvailable(RegistryWatch.Operation.READ);
        }

        @Override
        public boolean isPastGrace() {
            return watch.isPastGrace();
        }
    }

    /**
     * Reads who is trusted and what is revoked. Blocks.
     *
     * @param own the hub's own issuers
     * @throws InvalidConfigException with a line for each other authority that cannot be used
     */
    public static CertificateSignIn open(
            HubConfig config,
            List<TrustedAuthority> own,
            Registry registry,
            MeterRegistry meters,
            Clock clock) {
        WatchedTrust watched =
                WatchedTrust.open(
                        config.certificates(),
                        new WatchedTrust.Sources(
                                own,
                                registry.revocations()::list,
                                config.registry().outageGrace(),
                                config.dataFolder().resolve(LISTS_FOLDER)),
                        meters,
                        clock);
        return new CertificateSignIn(config, watched, registry, meters, clock);
    }

    /** Whose certificates are whose. */
    public CertificateBindings bindings() {
        return bindings;
    }

    /** The connections, which end with their certificates. */
    public CertificateConnections connections() {
        return connections;
    }

    /** Who is trusted to say who a client is. */
    public Trust trust() {
        return trust;
    }

    /** Judges certificates at other doors than those of MQTT. */
    public ClientCertificateCheck check() {
        return trust.check();
    }

    /** The gate before an authenticator, which is closed with it. */
    public EnhancedAuthenticator before(EnhancedAuthenticator authenticator, DeviceLookup devices) {
        return new CertificateGate(
                authenticator,
                mutualListeners,
                trust,
                new CertificateGate.Lookups(bindings, firstUse, new DemandedCertificates(devices)),
                new CertificateMetrics(meters, "connect"));
    }

    /** Before an observer, which is asked and told everything. */
    public ClientObserver before(ClientObserver observer, DeviceLookup devices) {
        return new CertificateClients(
                connections, trust.check(), firstUses, new DemandedCertificates(devices), observer);
    }

    /**
     * A product demands certificates: ends the connections of its devices that have none bound to
     * them.
     *
     * @return complete when they are closed: how many there were
     */
    public CompletionStage<Integer> endUncertified(String productKey) {
        return connections.endUncertified(productKey);
    }

    /** Judges the clients of listeners with mutual TLS. */
    public Supplier<X509ExtendedTrustManager> trustManagers() {
        CertificateMetrics metrics = new CertificateMetrics(meters, "handshake");
        return () -> trust.trustManager(metrics);
    }

    /**
     * Who ends connections; to be said before there are any. From then on lists that come in force
     * end them.
     */
    public void endBy(Clients clients) {
        connections.endBy(clients);
        watched.listener(changes);
    }

    /**
     * Begins to follow what is revoked, what is over, and who is trusted.
     *
     * @param renewTls called when others are trusted than before: no session of then is resumed
     */
    public void start(Runnable renewTls) {
        changes.renewTls = renewTls;
        watched.start();
        var unusedSweeps =
                sweeps.scheduleWithFixedDelay(
                        guarded(this::sweep), SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        var unusedWrites =
                sweeps.scheduleWithFixedDelay(
                        guarded(firstUses::write),
                        SWEEP_MILLIS,
                        SWEEP_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) { // or there would be no next time
                log.warn("certificates not looked after, tried again", e);
            }
        };
    }

    private void sweep() {
        var unused = connections.endExpired();
        connections.endSessionsAgain();
        sweepsDone++;
        boolean mayBeTooStale = staleConnections.isPresent() && sweepsDone % REVIEW_SWEEPS == 0;
        if (mayBeTooStale || connections.isReviewDue()) {
            reviews.ask();
        }
    }

    private void review() {
        var unused = connections.review(ofConnected);
    }

    private final class Changes implements WatchedTrust.Listener {

        /** There is nothing to renew before {@link #start}: others are trusted since then only. */
        private volatile Runnable renewTls = () -> {};

        @Override
        public void revoked(List<CertificateId> revoked) {
            var unused = connections.endOf(revoked);
        }

        @Override
        public void listed(ListChange change) {
            connections.listed(change);
            reviews.ask();
        }

        @Override
        public void authoritiesEnded(Set<String> issuers) {
            connections.authoritiesEnded(issuers);
            reviews.ask();
        }

        @Override
        public void trustChanged() {
            reviews.ask();
            renewTls.run();
        }
    }

    /** The hub's own issuers are others from the return on: {@link WatchedTrust#useOwn}. Blocks. */
    public void useOwn(List<TrustedAuthority> issuers, Duration timeout) {
        watched.useOwn(issuers, timeout);
    }

    /** What somebody must see to; empty if all is well. Never blocks. */
    public Optional<String> alarm() {
        return watched.alarm();
    }

    /** Looks after nothing any more; nobody is let in with a certificate that is not known yet. */
    @Override
    public void close() {
        sweeps.shutdownNow();
        watched.close();
        reviews.close();
        readers.shutdownNow();
        firstUse.close();
        away.close();
        sessions.close();
    }
}
