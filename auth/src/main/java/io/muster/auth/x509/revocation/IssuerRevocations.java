package io.muster.auth.x509.revocation;

import io.muster.auth.x509.crl.CrlExpectation;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.encoding.Extensions;
import io.muster.auth.x509.encoding.MalformedException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * All that one authority has revoked: by its lists, and by what it told at once. Shared; whoever
 * looks never waits.
 *
 * <p>Of another set of partitions, as after a change of the configuration, there is a new object,
 * which shares with the old one what stays: so no list is forgotten, and none can be rolled back.
 */
public final class IssuerRevocations {

    private final X509Certificate issuer;
    private final AnnouncedRevocations announced;
    private final Map<Optional<DistributionPointName>, CrlPartition> partitions;
    private final Clock clock;

    /** Until when what is announced is all that there is; empty if only lists can say so. */
    private final Optional<Supplier<Instant>> announcedUntil;

    private IssuerRevocations(
            X509Certificate issuer,
            AnnouncedRevocations announced,
            Optional<Supplier<Instant>> announcedUntil,
            Map<Optional<DistributionPointName>, CrlPartition> partitions,
            Clock clock) {
        this.issuer = issuer;
        this.announced = announced;
        this.announcedUntil = announcedUntil;
        this.partitions = Map.copyOf(partitions);
        this.clock = clock;
    }

    /** Those of an authority of which nothing is known yet, and without partitions. */
    public static IssuerRevocations of(X509Certificate issuer, Clock clock) {
        return new IssuerRevocations(
                issuer, new AnnouncedRevocations(), Optional.empty(), Map.of(), clock);
    }

    /**
     * The same with these partitions. Those that there were stay as they are, with their lists.
     *
     * @param points one for each list; empty for a list of all certificates
     * @param scope of certificates that the lists are asked about
     * @param completeListsSuffice see {@link CrlExpectation}
     */
    public IssuerRevocations withPartitions(
            Collection<Optional<DistributionPointName>> points,
            CrlScope scope,
            boolean completeListsSuffice) {
        Map<Optional<DistributionPointName>, CrlPartition> kept = new HashMap<>();
        for (Optional<DistributionPointName> point : points) {
            CrlExpectation expected =
                    new CrlExpectation(issuer, point, scope, completeListsSuffice);
            CrlPartition before = partitions.get(point);
            boolean stays = before != null && before.expected().equals(expected);
            kept.put(point, stays ? before : new CrlPartition(expected, clock));
        }
        return new IssuerRevocations(issuer, announced, announcedUntil, kept, clock);
    }

    /**
     * The same where what is announced ({@link #revoke}) is all that there is until some time, so
     * that no list is needed; or where it is not.
     *
     * @param until when another look at what is revoked was due, if there was none since then;
     *     asked by many threads, must not block. Empty if only lists tell
     */
    public IssuerRevocations announcedUntil(Optional<Supplier<Instant>> until) {
        return new IssuerRevocations(issuer, announced, until, partitions, clock);
    }

    /** Whose they are. */
    public X509Certificate issuer() {
        return issuer;
    }

    /** All partitions, in no order. */
    public Collection<CrlPartition> partitions() {
        return partitions.values();
    }

    /** The partition of a distribution point, or of all. */
    public Optional<CrlPartition> partition(Optional<DistributionPointName> point) {
        return Optional.ofNullable(partitions.get(point));
    }

    /**
     * Revokes a certificate at once: whoever looks after this call returns finds it revoked,
     * whatever lists say.
     *
     * @throws IllegalArgumentException if the serial number is not positive or has more than 20
     *     octets
     */
    public void revoke(BigInteger serial) {
        announced.add(serial);
    }

    /** Revokes many, as at a start; see {@link #revoke}. */
    public void revokeAll(Collection<BigInteger> serials) {
        announced.addAll(serials);
    }

    /** Whether this one was revoked at once, or is on a list, however old that is. */
    public boolean isRevoked(BigInteger serial) {
        return isRevoked(SerialNumber.of(serial));
    }

    /** The same of one that is asked about often. */
    public boolean isRevoked(SerialNumber serial) {
        return announced.contains(serial)
                || partitions().stream().anyMatch(partition -> partition.isRevoked(serial));
    }

    /** How many were revoked at once. */
    public int announced() {
        return announced.size();
    }

    /**
     * The partitions whose lists would name a certificate: not those whose complete lists say too
     * little, since the certificate announces lists of changes.
     *
     * @throws MalformedException if the certificate's distribution points cannot be read
     */
    public List<CrlPartition> covering(X509Certificate certificate) throws MalformedException {
        Set<DistributionPointName> points = DistributionPointName.of(certificate);
        boolean announcesDeltas = Extensions.announcesDeltas(certificate);
        return partitions.values().stream()
                .filter(partition -> partition.covers(points, announcesDeltas))
                .toList();
    }

    /**
     * How a certificate stands now.
     *
     * @param covering what {@link #covering} answered for it
     */
    public RevocationStatus status(
            SerialNumber serial, List<CrlPartition> covering, Instant now, FreshnessPolicy policy) {
        boolean isRevoked =
                announced.contains(serial)
                        || covering.stream().anyMatch(partition -> partition.isRevoked(serial));
        if (isRevoked) {
            return RevocationStatus.REVOKED;
        }
        Stream<Freshness> byLists =
                covering.stream().map(partition -> partition.freshness(now, policy.grace()));
        Stream<Freshness> byAnnouncement =
                announcedUntil.stream()
                        .map(until -> Freshness.of(until.get(), now, policy.grace()));
        return Stream.concat(byLists, byAnnouncement)
                .reduce(Freshness::better)
                .map(RevocationStatus::notRevoked)
                .orElse(RevocationStatus.NOT_COVERED);
    }
}
