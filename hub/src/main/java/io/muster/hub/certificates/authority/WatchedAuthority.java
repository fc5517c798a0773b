package io.muster.hub.certificates.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.crl.PublishedCrl;
import io.muster.hub.monitoring.CertificateMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** What is shown of an authority to those who watch the hub. Shared; asked from memory. */
final class WatchedAuthority {

    private final OwnAuthority authority;
    private final CertificateMetrics metrics;
    private final Clock clock;

    /** What is shown; confined to one thread at a time. */
    private final Set<IssuerId> shown = new HashSet<>();

    WatchedAuthority(OwnAuthority authority, CertificateMetrics metrics, Clock clock) {
        this.authority = authority;
        this.metrics = metrics;
        this.clock = clock;
        IssuerAlarms.authorities()
                .forEach(
                        name ->
                                metrics.watchRollover(
                                        name, () -> days(authority.rollOverBefore(name))));
    }

    /** Shows all that are not shown yet. */
    void show() {
        for (IssuerId issuer : authority.issuers()) {
            if (shown.add(issuer)) {
                metrics.watchLists(issuer.toString(), lists(issuer));
                Instant end = authority.certificate(issuer).validity().notAfter();
                metrics.watchIssuer(issuer.toString(), () -> days(end));
            }
        }
    }

    private double days(Instant end) {
        return Duration.between(clock.instant(), end).toHours() / 24.0;
    }

    private CertificateMetrics.Lists lists(IssuerId issuer) {
        return new CertificateMetrics.Lists(
                () -> each(issuer, crl -> seconds(crl.issuedAt(), now())).max().orElse(0),
                () -> left(issuer),
                () -> each(issuer, PublishedCrl::length).sum(),
                () -> each(issuer, PublishedCrl::entries).sum(),
                () -> each(issuer, PublishedCrl::number).max().orElse(0));
    }

    /** No number where none take their place: what warns of few would do so for ever. */
    private double left(IssuerId issuer) {
        return authority.lists().isRenewed(issuer)
                ? each(issuer, crl -> seconds(now(), crl.nextUpdate())).min().orElse(0)
                : Double.NaN;
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
