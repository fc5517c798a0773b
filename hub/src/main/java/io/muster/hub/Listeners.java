package io.muster.hub;

import io.muster.broker.Broker;
import io.muster.broker.net.tls.TlsSettings;
import io.muster.hub.api.ManagementApi;
import io.muster.hub.api.tls.ManagementTls;
import io.muster.hub.certificates.authority.ServerCertificates;
import io.muster.hub.config.HubConfig;
import io.muster.hub.monitoring.HubMetrics;
import io.muster.hub.monitoring.TlsFileMetrics;
import io.muster.hub.tls.WatchedTlsFiles;
import java.time.Clock;
import java.util.Optional;

/**
 * Opens the listeners of a hub, and keeps those that speak TLS supplied with certificates: the
 * operator's files, or where there are none those that the hub's own authority issues. Confined to
 * whoever starts the hub.
 */
final class Listeners {

    private final HubConfig config;
    private final OpenParts open;
    private final Broker broker;
    private final CertificateParts certificates;

    /** Both are there once something speaks TLS. */
    private Optional<WatchedTlsFiles> files = Optional.empty();

    private Optional<TlsSettings> tls = Optional.empty();

    Listeners(HubConfig config, OpenParts open, Broker broker, CertificateParts certificates) {
        this.config = config;
        this.open = open;
        this.broker = broker;
        this.certificates = certificates;
    }

    /** When all is there that hears of what clients send. */
    void listen(HubMetrics metrics) {
        Optional<ServerCertificates> own = certificates.server();
        if (config.tls().certificates().isEmpty() && own.isEmpty()) {
            var unused = open.run(Part.BROKER, () -> listening(broker::listen));
            return;
        }
        WatchedTlsFiles watched =
                open.open(
                        Part.TLS,
                        () ->
                                WatchedTlsFiles.open(
                                        config.tls(),
                                        new TlsFileMetrics(metrics.registry()),
                                        Clock.systemUTC()));
        TlsSettings settings =
                watched.settings(
                        own.map(each -> each::current),
                        certificates.signIn().trustManagers(),
                        certificates::staple);
        files = Optional.of(watched);
        tls = Optional.of(settings);
        var unused = open.run(Part.BROKER, () -> listening(() -> broker.listen(settings)));
    }

    /** What the management API shows over TLS, if it speaks that; asked when MQTT does. */
    Optional<ManagementTls> managementTls() {
        HubConfig.ManagementTls wanted = config.management().tls();
        return tls.filter(settings -> wanted.enabled())
                .map(
                        settings ->
                                new ManagementTls(
                                        wanted.bind(),
                                        wanted.port(),
                                        settings.certificates(),
                                        Optional.of(
                                                new ManagementTls.Clients(
                                                        certificates.signIn().check(),
                                                        settings.clientTrust())),
                                        settings.handshakeTimeout()));
    }

    /** Begins to look whether there are other certificates, for both. */
    void watch(ManagementApi api) {
        files.ifPresent(each -> each.watch(() -> renew(api)));
        certificates.server().ifPresent(each -> each.watch(() -> renew(api)));
    }

    /** Files and own certificates are looked at by two threads. None keeps the other from it. */
    synchronized void renew(ManagementApi api) {
        try {
            broker.renewTls();
        } finally {
            api.renewTls();
        }
    }

    private Broker listening(Runnable listen) {
        listen.run();
        return broker;
    }
}
