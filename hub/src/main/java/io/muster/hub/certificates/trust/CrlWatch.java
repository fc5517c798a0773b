package io.muster.hub.certificates.trust;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.muster.auth.x509.crl.AcceptedCrl;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlReader;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.source.CrlDownload;
import io.muster.auth.x509.source.CrlFile;
import io.muster.auth.x509.source.CrlListener;
import io.muster.auth.x509.source.CrlRefresher;
import io.muster.auth.x509.source.CrlSource;
import io.muster.auth.x509.source.CrlStore;
import io.muster.auth.x509.source.Download;
import io.muster.hub.certificates.trust.Trust.ExpectedList;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the lists of authorities that are not ours up to date, counts how that goes, and says what
 * went wrong. {@link #watch} and {@link #close} belong to one thread at a time; the rest is shared.
 */
final class CrlWatch implements CrlListener, AutoCloseable {

    private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(2);

    private final CrlStore store;
    private final Duration interval;
    private final Clock clock;
    private final MeterRegistry meters;
    private final MultiGauge ages;
    private final MultiGauge sizes;
    private final Changed changed;
    private final Map<CrlPartition, CrlFailure> failures = new ConcurrentHashMap<>();
    private volatile Map<CrlPartition, ExpectedList> expected = Map.of();
    private Map<CrlPartition, CrlSource> sources = Map.of();
    private @Nullable CrlRefresher refresher;

    /** Made with the first list that is not in a file, since it has threads. */
    private @Nullable HttpClient client;

    /** Is told of new lists. */
    @FunctionalInterface
    interface Changed {

        /** One is in force; see {@link CrlListener#accepted}. */
        void accept(CrlPartition partition, RevokedSerials before, RevokedSerials now);
    }

    /**
     * Watches nothing yet.
     *
     * @param folder where lists are kept that were taken
     * @param interval between two looks at a server
     * @param changed told of new lists, on the threads that look
     */
    CrlWatch(Path folder, Duration interval, Clock clock, MeterRegistry meters, Changed changed) {
        this.store = new CrlStore(folder);
        this.interval = interval;
        this.clock = clock;
        this.meters = meters;
        this.changed = changed;
        this.ages =
                MultiGauge.builder("muster.revocation.list.age.seconds")
                        .description("How long ago the list in force was made.")
                        .register(meters);
        this.sizes =
                MultiGauge.builder("muster.revocation.list.entries")
                        .description("Certificates that the list in force revokes.")
                        .register(meters);
    }

    /**
     * Looks after these from now on. Who has looked at the same place for the same list before goes
     * on with it, with what it knows of that place.
     */
    void watch(Map<CrlPartition, ExpectedList> lists) {
        Map<CrlPartition, CrlSource> wanted = new HashMap<>();
        lists.forEach((partition, list) -> wanted.put(partition, source(partition, list.place())));
        expected = Map.copyOf(lists);
        sources = Map.copyOf(wanted);
        failures.keySet().retainAll(lists.keySet());
        show();
        if (refresher != null) {
            refresher.watch(sources);
        } else if (!sources.isEmpty()) {
            refresher = new CrlRefresher(sources, store, this, clock);
        }
    }

    private CrlSource source(CrlPartition partition, String place) {
        ExpectedList before = expected.get(partition);
        CrlSource present = sources.get(partition);
        return before != null && present != null && before.place().equals(place)
                ? present
                : source(place);
    }

    private CrlSource source(String place) {
        return isAddress(place)
                ? new CrlDownload(
                        URI.create(place),
                        client(),
                        DOWNLOAD_TIMEOUT,
                        interval,
                        CrlReader.OCTETS_MAX)
                : new CrlFile(Path.of(place), clock);
    }

    /** Whether a list is fetched, and not read from a file. */
    static boolean isAddress(String place) {
        return place.startsWith("http://") || place.startsWith("https://");
    }

    private HttpClient client() {
        HttpClient present = client;
        if (present == null) {
            present = Download.newClient();
            client = present;
        }
        return present;
    }

    /** Waits until each was looked at once, but not longer than this. */
    void awaitFirstLooks(Duration time) throws InterruptedException {
        if (refresher != null) {
            var unused = refresher.awaitFirstLooks(time);
        }
    }

    @Override
    public void accepted(CrlPartition partition, AcceptedCrl list, RevokedSerials before) {
        failures.remove(partition);
        told(partition, "accepted");
        if (expected.containsKey(partition)) {
            changed.accept(partition, before, list.revoked());
        }
    }

    @Override
    public void refused(CrlPartition partition, CrlFailure failure) {
        failures.put(partition, failure);
        told(partition, failure.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void notKept(CrlPartition partition) {
        told(partition, "not_kept");
    }

    private void told(CrlPartition partition, String outcome) {
        ExpectedList found = expected.get(partition);
        if (found != null) {
            meters.counter(
                            "muster.revocation.list.looks",
                            "authority",
                            found.authority().name(),
                            "outcome",
                            outcome)
                    .increment();
        }
    }

    private void show() {
        ages.register(
                rows(list -> Duration.between(list.thisUpdate(), clock.instant()).toSeconds()));
        sizes.register(rows(list -> list.revoked().size()));
    }

    private interface Figure {
        double of(AcceptedCrl list);
    }

    /**
     * Each asks at a scrape for the list that is in force by then. Those that stay are not
     * registered anew: a scrape that runs meanwhile would find them twice, and fail.
     */
    private List<MultiGauge.Row<?>> rows(Figure figure) {
        return expected.values().stream()
                .<MultiGauge.Row<?>>map(
                        list -> {
                            String name = list.authority().name();
                            String place = list.place();
                            return MultiGauge.Row.of(
                                    Tags.of("authority", name, "list", place),
                                    () -> present(name, place, figure));
                        })
                .toList();
    }

    /** A list that there never was has no figure. */
    private double present(String name, String place, Figure figure) {
        return expected.entrySet().stream()
                .filter(each -> each.getValue().isShownAs(name, place))
                .flatMap(each -> each.getKey().current().stream())
                .mapToDouble(figure::of)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** What the last look at a list of an authority brought that was wrong. */
    Optional<String> failure(TrustedAuthority authority) {
        return failures.entrySet().stream()
                .filter(each -> isOf(each.getKey(), authority))
                .map(
                        each ->
                                "revocation list was refused: "
                                        + each.getValue().name().toLowerCase(Locale.ROOT))
                .findFirst();
    }

    private boolean isOf(CrlPartition partition, TrustedAuthority authority) {
        ExpectedList found = expected.get(partition);
        return found != null && found.authority().name().equals(authority.name());
    }

    /** Looks after none any more. */
    @Override
    public void close() {
        if (refresher != null) {
            refresher.close();
            refresher = null;
        }
    }
}
