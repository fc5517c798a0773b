package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.PublishedCrl;
import io.muster.hub.monitoring.CertificateMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** What is shown of an authority to those who watch the hub. Shared; asked from memory. */
final class WatchedAuthority {

    private final OwnAuthority authority;
    private final Clock clock;

    private WatchedAuthority(OwnAuthority authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
    }

    /** Shows it from now on. */
    static void show(OwnAuthority authority, CertificateMetrics metrics, Clock clock) {
        WatchedAuthority watched = new WatchedAuthority(authority, clock);
        for (IssuerId issuer : authority.issuers()) {
            metrics.watchLists(issuer.toString(), watched.lists(issuer));
            Instant end = authority.certificate(issuer).validity().notAfter();
            metrics.watchIssuer(
                    issuer.toString(),
                    () -> Duration.between(clock.instant(), end).toHours() / 24.0);
        }
    }

    private CertificateMetrics.Lists lists(IssuerId issuer) {
        return new CertificateMetrics.Lists(
                () -> each(issuer, crl -> seconds(crl.issuedAt(), now())).max().orElse(0),
                () -> each(issuer, crl -> seconds(now(), crl.nextUpdate())).min().orElse(0),
                () -> each(issuer, PublishedCrl::length).sum(),
                () -> each(issuer, PublishedCrl::entries).sum(),
                () -> each(issuer, PublishedCrl::number).max().orElse(0));
    }

    private DoubleStream each(IssuerId issuer, ToDoubleFunction<PublishedCrl> value) {
        return authority.lists().published(issuer).stream().mapToDouble(value);
    }

    private Instant now() {
        return clock.instant();
    }

    private static double seconds(Instant from, Instant until) {
        return Duration.between(from, until).toMillis() / 1000.0;
    }
}
