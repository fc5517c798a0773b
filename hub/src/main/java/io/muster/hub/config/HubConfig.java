package io.muster.hub.config;

import io.muster.auth.guard.GuardSettings;
import io.muster.auth.spi.AuthenticatorProvider;
import io.muster.broker.BrokerConfig;
import io.muster.broker.ListenerConfig;
import io.muster.broker.net.proxy.Network;
import io.muster.broker.net.tls.TlsProvider;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.EnrolmentConfig;
import io.muster.hub.config.certificates.OcspConfig;
import io.muster.hub.config.certificates.TrustConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The whole configuration of the hub, checked and typed.
 *
 * @param dataFolder where everything that lasts is kept
 * @param broker listeners and limits of the broker
 * @param certificates those of the server and of clients, and who issues them
 * @param authentication the authenticator chain, and the guard before it
 * @param permissions what no client may do
 * @param devices device cache and states
 * @param registry the registry database
 * @param management the management API
 */
public record HubConfig(
        Path dataFolder,
        BrokerConfig broker,
        Certificates certificates,
        Authentication authentication,
        Permissions permissions,
        Devices devices,
        Registry registry,
        Management management) {

    /**
     * The first listener on which clients speak MQTT over TCP from the first byte, which is what
     * every client can do; empty if all speak TLS, are for browsers, or behind proxies.
     */
    public Optional<ListenerConfig> plainListener() {
        return broker.listeners().stream().filter(ListenerConfig::isPlain).findFirst();
    }

    /** TLS of the listeners that speak it. */
    public Tls tls() {
        return certificates.tls();
    }

    /**
     * Certificates of the server and of clients, and who issues them.
     *
     * @param tls what listeners show, and whom they trust, by files
     * @param authority the hub's own certificate authority
     * @param enrolment which certificates devices get
     * @param ocsp who answers about the certificates of that authority
     * @param trust whose certificates of clients are taken besides
     * @param compromisedKeys files of keys that no certificate is issued for
     */
    public record Certificates(
            Tls tls,
            AuthorityConfig authority,
            EnrolmentConfig enrolment,
            OcspConfig ocsp,
            TrustConfig trust,
            List<Path> compromisedKeys) {

        /** No TLS and no authority. */
        public static final Certificates NONE =
                new Certificates(
                        Tls.NONE,
                        AuthorityConfig.NONE,
                        EnrolmentConfig.DEFAULT,
                        OcspConfig.NONE,
                        TrustConfig.NONE,
                        List.of());

        /** The same with other files. */
        public Certificates with(Tls other) {
            return new Certificates(other, authority, enrolment, ocsp, trust, compromisedKeys);
        }

        /** The same with another authority. */
        public Certificates with(AuthorityConfig other) {
            return new Certificates(tls, other, enrolment, ocsp, trust, compromisedKeys);
        }

        /** The same with other certificates for devices. */
        public Certificates with(EnrolmentConfig other) {
            return new Certificates(tls, authority, other, ocsp, trust, compromisedKeys);
        }

        /** The same with another responder. */
        public Certificates with(OcspConfig other) {
            return new Certificates(tls, authority, enrolment, other, trust, compromisedKeys);
        }

        /** The same where these are trusted besides. */
        public Certificates with(TrustConfig other) {
            return new Certificates(tls, authority, enrolment, ocsp, other, compromisedKeys);
        }
    }

    /**
     * TLS of the listeners that speak it.
     *
     * @param provider whose code is used
     * @param certificates of the server
     * @param clientCaFile the authorities whose certificates of clients are taken
     * @param handshakeTimeout how long a client may take until the handshake is over
     * @param handshakesMax handshakes under way at once
     * @param reloadInterval how often it is looked whether the files have changed
     */
    public record Tls(
            TlsProvider provider,
            List<CertificateFiles> certificates,
            Optional<Path> clientCaFile,
            Duration handshakeTimeout,
            int handshakesMax,
            Duration reloadInterval) {

        /** No certificates, and the usual limits. */
        public static final Tls NONE =
                new Tls(
                        TlsProvider.AUTO,
                        List.of(),
                        Optional.empty(),
                        Duration.ofSeconds(10),
                        2_000,
                        Duration.ofSeconds(5));

        /** Copies the list. */
        public Tls {
            certificates = List.copyOf(certificates);
        }

        /**
         * Where a certificate is.
         *
         * @param certificate the server's own, then each issuer, in PEM
         * @param key of the first, in PEM
         */
        public record CertificateFiles(Path certificate, Path key) {}
    }

    /**
     * The authenticator chain, and the guard before it.
     *
     * @param chain its entries in order
     * @param deadline how long all of them together may take for one sign-in
     * @param scramIterations how many iterations SCRAM asks of a client
     * @param guard when clients are barred, and for how long
     * @param exempt where no wrong sign-ins are counted
     * @param anonymousListeners names of the listeners on which clients without credentials are let
     *     in
     */
    public record Authentication(
            List<Entry> chain,
            Duration deadline,
            int scramIterations,
            GuardSettings guard,
            List<Network> exempt,
            Set<String> anonymousListeners) {

        /** Copies the lists and the set. */
        public Authentication {
            anonymousListeners = Set.copyOf(anonymousListeners);
            chain = List.copyOf(chain);
            exempt = List.copyOf(exempt);
        }

        /**
         * One authenticator of the chain.
         *
         * @param type which provider makes it
         * @param settings its name and settings
         */
        public record Entry(String type, AuthenticatorProvider.Settings settings) {}
    }

    /**
     * What no client may do, whoever it is.
     *
     * @param denySubscribe topic filters that may not be subscribed to
     * @param denyPublish topic filters of topics that may not be published to
     */
    public record Permissions(List<String> denySubscribe, List<String> denyPublish) {

        /** Copies the lists. */
        public Permissions {
            denySubscribe = List.copyOf(denySubscribe);
            denyPublish = List.copyOf(denyPublish);
        }

        /** Whether each client may do what its own permissions say. */
        public boolean isEmpty() {
            return denySubscribe.isEmpty() && denyPublish.isEmpty();
        }
    }

    /**
     * Device cache and states.
     *
     * @param cacheMax devices held in memory
     * @param cacheIdle how long a device that nobody asks for stays in memory
     * @param idleTimeout how long an online device may send no data before it counts as offline;
     *     zero is for ever
     * @param stateWriteInterval how often changed states are written to the registry
     * @param subDevicesMax how many devices one gateway may speak for
     */
    public record Devices(
            int cacheMax,
            Duration cacheIdle,
            Duration idleTimeout,
            Duration stateWriteInterval,
            int subDevicesMax) {}

    /**
     * The registry database.
     *
     * @param jdbcUrl {@code jdbc:sqlite:...} or {@code jdbc:postgresql:...}
     * @param username empty for SQLite
     * @param password empty for SQLite
     * @param connectionsMax reading connections
     * @param timeout longest wait for a connection or a statement
     * @param outageGrace how long into an outage devices and applications in memory may sign in
     */
    public record Registry(
            String jdbcUrl,
            String username,
            String password,
            int connectionsMax,
            Duration timeout,
            Duration outageGrace) {

        /** Everything but the password. */
        @Override
        public String toString() {
            return "Registry[jdbcUrl=" + jdbcUrl + ", username=" + username + "]";
        }
    }

    /**
     * The management API.
     *
     * @param bind host name or address
     * @param port 0 to 65535; 0 lets the system choose
     * @param tls where it speaks TLS besides
     * @param audit what is written down of it
     */
    public record Management(String bind, int port, ManagementTls tls, Audit audit) {

        /** Without TLS, and with the audit log as it is by default. */
        public Management(String bind, int port) {
            this(bind, port, ManagementTls.NONE, Audit.DEFAULT);
        }

        /** The same with TLS. */
        public Management with(ManagementTls other) {
            return new Management(bind, port, other, audit);
        }
    }

    /**
     * The management API over TLS.
     *
     * @param enabled whether it is spoken
     * @param bind host name or address
     * @param port 0 to 65535; 0 lets the system choose
     */
    public record ManagementTls(boolean enabled, String bind, int port) {

        static final ManagementTls NONE = new ManagementTls(false, "127.0.0.1", 8443);
    }

    /**
     * The audit log.
     *
     * @param retention how long a row is kept
     * @param rowsMax so many are kept; the oldest go first
     * @param refusalsPerMinute refused sign-ins with a row of their own, of clients and of
     *     operators each
     */
    public record Audit(Duration retention, int rowsMax, int refusalsPerMinute) {

        static final Audit DEFAULT = new Audit(Duration.ofDays(365), 1_000_000, 60);
    }
}
