package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What each authority has revoked, by its name and key. Immutable but for what is revoked, shared:
 * of other authorities there is a new object ({@link #with}), in which whoever comes back after a
 * change of the configuration finds all that was known.
 */
final class RevocationSets {

    private final Function<String, Instant> knownUntil;
    private final Clock clock;

    /** Also of those who are not among the authorities any more. */
    private final Map<Signer, Held> known;

    /** Of the authorities, by what the registry calls their issuer. */
    private final Map<String, Map<Signer, IssuerRevocations>> byIssuer;

    /** Which certificates are those of the authorities themselves. */
    private final Set<CertificateId> authorities;

    /** By which the way to one is known, and how it is known what it has revoked. */
    private record Held(IssuerRevocations revocations, Revocation.Kind kind) {

        boolean isAs(Revocation.Kind other, Set<Optional<DistributionPointName>> points) {
            return kind == other
                    && revocations.partitions().size() == points.size()
                    && points.stream().allMatch(point -> revocations.partition(point).isPresent());
        }
    }

    private RevocationSets(
            Function<String, Instant> knownUntil,
            Clock clock,
            Map<Signer, Held> known,
            Map<String, Map<Signer, IssuerRevocations>> byIssuer,
            Set<CertificateId> authorities) {
        this.knownUntil = knownUntil;
        this.clock = clock;
        this.known = Map.copyOf(known);
        this.byIssuer = Map.copyOf(byIssuer);
        this.authorities = Set.copyOf(authorities);
    }

    /**
     * Of no authorities, with nothing known.
     *
     * @param knownUntil of an issuer as the registry calls it: until when what was read there is
     *     all that there is
     */
    static RevocationSets none(Function<String, Instant> knownUntil, Clock clock) {
        return new RevocationSets(knownUntil, clock, Map.of(), Map.of(), Set.of());
    }

    /**
     * Those of these authorities. One that several name has the lists of all of them, and is as
     * strictly looked at as the strictest of them wants.
     */
    RevocationSets with(Collection<TrustedAuthority> all) {
        Map<Signer, List<Link>> links = new HashMap<>();
        Set<CertificateId> own = new HashSet<>();
        for (TrustedAuthority authority : all) {
            for (int i = 0; i < authority.chain().size(); i++) {
                Link link = authority.chain().get(i);
                links.computeIfAbsent(signer(link, i), signer -> new ArrayList<>()).add(link);
                id(authority, i).ifPresent(own::add);
            }
        }
        Map<Signer, Held> held = new HashMap<>(known);
        Map<String, Map<Signer, IssuerRevocations>> present = new HashMap<>();
        links.forEach(
                (signer, its) -> {
                    Held found = held(signer, its);
                    held.put(signer, found);
                    for (Link link : its) {
                        present.computeIfAbsent(link.issuer(), issuer -> new HashMap<>())
                                .put(signer, found.revocations());
                    }
                });
        return new RevocationSets(knownUntil, clock, held, present, own);
    }

    /** The places of a chain: 0 is the authority itself. */
    static IntStream places(TrustedAuthority authority) {
        return IntStream.range(0, authority.chain().size());
    }

    /** What the certificate of an authority in the chain is called itself. */
    static Optional<CertificateId> id(TrustedAuthority authority, int place) {
        int above = Math.min(place + 1, authority.chain().size() - 1);
        return Optional.of(authority.chain().get(place).certificate().getSerialNumber())
                .filter(SerialNumber::isSerial) // or it is refused, with a reason
                .map(serial -> CertificateId.of(authority.chain().get(above).issuer(), serial));
    }

    private static Signer signer(Link link, int place) {
        return Signer.of(link.certificate(), place == 0 ? CrlScope.END_ENTITY : CrlScope.AUTHORITY);
    }

    private Held held(Signer signer, List<Link> links) {
        Set<Optional<DistributionPointName>> points = new LinkedHashSet<>();
        links.forEach(link -> points.addAll(points(link.revocation())));
        Revocation.Kind strictest =
                links.stream()
                        .map(link -> link.revocation().kind())
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
        Held before = known.get(signer);
        if (before != null && before.isAs(strictest, points)) {
            return before;
        }
        IssuerRevocations revocations =
                before == null
                        ? IssuerRevocations.of(links.get(0).certificate(), clock)
                        : before.revocations();
        return new Held(
                revocations
                        .withPartitions(points, signer.scope(), false)
                        .announcedUntil(announcedUntil(strictest, links)),
                strictest);
    }

    private Optional<Supplier<Instant>> announcedUntil(Revocation.Kind kind, List<Link> links) {
        return switch (kind) {
            case UNCHECKED -> Optional.of(() -> Instant.MAX);
            case REGISTRY -> {
                Set<String> read =
                        links.stream()
                                .filter(link -> link.revocation().kind() == kind)
                                .map(Link::issuer)
                                .collect(Collectors.toUnmodifiableSet());
                yield Optional.of(
                        () ->
                                read.stream()
                                        .map(knownUntil)
                                        .min(Comparator.naturalOrder())
                                        .orElseThrow());
            }
            case LISTS -> Optional.empty();
        };
    }

    /** The distribution points of the lists. */
    static List<Optional<DistributionPointName>> points(Revocation revocation) {
        return revocation.lists().stream().map(list -> point(revocation, list)).toList();
    }

    /** The distribution point of a list; empty if it is of all certificates. */
    static Optional<DistributionPointName> point(Revocation revocation, String list) {
        return revocation.partitioned()
                ? Optional.of(DistributionPointName.uri(list))
                : Optional.empty();
    }

    /** What an authority has revoked that is in its chain at this place. */
    IssuerRevocations of(TrustedAuthority authority, int place) {
        Link link = authority.chain().get(place);
        Held found = known.get(signer(link, place));
        if (found == null) {
            throw new IllegalStateException("not in use: " + link.issuer());
        }
        return found.revocations();
    }

    /** What those are called of whom something is known. */
    Set<String> issuers() {
        return byIssuer.keySet();
    }

    /** Those among them with a set that was not told of revocations while the others were. */
    Set<String> issuersNewSince(RevocationSets before) {
        return byIssuer.entrySet().stream()
                .filter(
                        each ->
                                !before.byIssuer
                                        .getOrDefault(each.getKey(), Map.of())
                                        .keySet()
                                        .containsAll(each.getValue().keySet()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /**
     * These are revoked from the return of this call on; those of strangers do not matter.
     *
     * @return whether certificates of the authorities themselves are among them, so that it is over
     *     with all below these
     */
    boolean revoke(Collection<CertificateId> revoked) {
        Map<String, List<BigInteger>> serials =
                revoked.stream()
                        .collect(
                                Collectors.groupingBy(
                                        CertificateId::issuer,
                                        Collectors.mapping(
                                                CertificateId::number, Collectors.toList())));
        serials.forEach(
                (issuer, its) ->
                        byIssuer.getOrDefault(issuer, Map.of())
                                .values()
                                .forEach(set -> set.revokeAll(its)));
        return revoked.stream().anyMatch(authorities::contains);
    }
}
