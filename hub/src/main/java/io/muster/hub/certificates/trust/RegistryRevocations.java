package io.muster.hub.certificates.trust;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Follows what the registry knows as revoked, whoever wrote it: another process, or a change that
 * brought no answer. {@link #follow} belongs to one thread at a time, which it blocks; the rest is
 * shared.
 */
final class RegistryRevocations {

    private static final int PAGE = 1_000;

    /**
     * What was read is good for so long at least. That there is some time between two looks, and
     * one takes its time, is no outage.
     */
    private static final Duration GOOD_MIN = Duration.ofSeconds(10);

    private final Reading registry;
    private final Duration good;
    private final Clock clock;
    private final Map<String, Position> positions = new HashMap<>();
    private final Map<String, Instant> readAt = new ConcurrentHashMap<>();

    /** Reads what is revoked. */
    @FunctionalInterface
    interface Reading {

        /** What follows a position, at most so many; see {@code CertificateRevocations.list}. */
        List<RevokedCertificate> list(String issuer, Position after, int limit);
    }

    /**
     * Has read nothing yet.
     *
     * @param grace how long what was read is all that there is, while the registry cannot be read;
     *     less than ten seconds are taken for ten
     */
    RegistryRevocations(Reading registry, Duration grace, Clock clock) {
        this.registry = registry;
        this.good = grace.compareTo(GOOD_MIN) < 0 ? GOOD_MIN : grace;
        this.clock = clock;
    }

    /**
     * Reads what is new of these issuers. An issuer of which nothing was known is read from the
     * beginning.
     *
     * @param revoked told of what is new, a page at a time
     */
    void follow(Collection<String> issuers, Consumer<List<CertificateId>> revoked) {
        for (String issuer : issuers) {
            Instant begun = clock.instant();
            List<RevokedCertificate> page;
            do {
                page = registry.list(issuer, positions.getOrDefault(issuer, Position.BEGIN), PAGE);
                if (!page.isEmpty()) {
                    revoked.accept(
                            page.stream()
                                    .map(each -> new CertificateId(issuer, each.serial()))
                                    .toList());
                    positions.put(issuer, page.get(page.size() - 1).position());
                }
            } while (page.size() == PAGE);
            readAt.put(issuer, begun);
        }
    }

    /** Whether it can be read what an issuer has revoked. */
    boolean isReadable(String issuer) {
        try {
            var unused = registry.list(issuer, Position.BEGIN, 1);
            return true;
        } catch (RegistryUnavailableException e) {
            return false;
        }
    }

    /** What these have revoked is told once more, from the beginning. */
    void beginAgain(Collection<String> issuers) {
        positions.keySet().removeAll(issuers);
    }

    /** Until when what was read of an issuer is all that there is. */
    Instant knownUntil(String issuer) {
        Instant read = readAt.get(issuer);
        return read == null ? Instant.MIN : read.plus(good);
    }
}
