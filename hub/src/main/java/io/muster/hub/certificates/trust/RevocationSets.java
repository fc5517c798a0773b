package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/**
 * What each authority has revoked, by its name and key: whoever comes back after a change of the
 * configuration finds all that was known. It is asked for sets by one thread at a time, and told of
 * revocations by any.
 */
final class RevocationSets {

    private final Function<String, Instant> knownUntil;
    private final Clock clock;
    private final Map<Signer, IssuerRevocations> sets = new ConcurrentHashMap<>();

    /** By what the registry calls their issuer. Replaced, never changed. */
    private volatile Map<String, List<IssuerRevocations>> byIssuer = Map.of();

    /** Of authorities and of clients an authority may keep separate lists. */
    private record Signer(X500Principal name, PublicKey key, CrlScope scope) {

        static Signer of(X509Certificate certificate, CrlScope scope) {
            return new Signer(
                    certificate.getSubjectX500Principal(), certificate.getPublicKey(), scope);
        }
    }

    /**
     * Knows nothing yet.
     *
     * @param knownUntil of an issuer as the registry calls it: until when what was read there is
     *     all that there is
     */
    RevocationSets(Function<String, Instant> knownUntil, Clock clock) {
        this.knownUntil = knownUntil;
        this.clock = clock;
    }

    /** These are the authorities now; one that several name has the lists of all of them. */
    void use(Collection<TrustedAuthority> authorities) {
        Map<Signer, List<Link>> links = new HashMap<>();
        for (TrustedAuthority authority : authorities) {
            for (int i = 0; i < authority.chain().size(); i++) {
                Link link = authority.chain().get(i);
                links.computeIfAbsent(signer(link, i), signer -> new ArrayList<>()).add(link);
            }
        }
        Map<String, List<IssuerRevocations>> present = new HashMap<>();
        links.forEach(
                (signer, its) -> {
                    IssuerRevocations set = set(signer, its);
                    its.stream()
                            .map(Link::issuer)
                            .distinct()
                            .forEach(
                                    issuer ->
                                            present.computeIfAbsent(
                                                            issuer, name -> new ArrayList<>())
                                                    .add(set));
                });
        byIssuer = Map.copyOf(present);
    }

    private static Signer signer(Link link, int place) {
        return Signer.of(link.certificate(), place == 0 ? CrlScope.END_ENTITY : CrlScope.AUTHORITY);
    }

    private IssuerRevocations set(Signer signer, List<Link> links) {
        Set<Optional<DistributionPointName>> points = new LinkedHashSet<>();
        links.forEach(link -> points.addAll(points(link.revocation())));
        IssuerRevocations known = sets.computeIfAbsent(signer, unknown -> empty(links.get(0)));
        boolean isSame =
                known.partitions().size() == points.size()
                        && points.stream().allMatch(point -> known.partition(point).isPresent());
        IssuerRevocations set =
                isSame ? known : known.withPartitions(points, signer.scope(), false);
        sets.put(signer, set);
        return set;
    }

    private IssuerRevocations empty(Link link) {
        return switch (link.revocation().kind()) {
            case REGISTRY ->
                    IssuerRevocations.announcing(
                            link.certificate(), () -> knownUntil.apply(link.issuer()), clock);
            case UNCHECKED ->
                    IssuerRevocations.announcing(link.certificate(), () -> Instant.MAX, clock);
            case LISTS -> IssuerRevocations.of(link.certificate(), clock);
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
        IssuerRevocations found = sets.get(signer(link, place));
        if (found == null) {
            throw new IllegalStateException("not in use: " + link.issuer());
        }
        return found;
    }

    /** What those are called of whom something is known. */
    Set<String> issuers() {
        return byIssuer.keySet();
    }

    /** These are revoked from the return of this call on; those of strangers do not matter. */
    void revoke(Collection<CertificateId> revoked) {
        Map<String, List<BigInteger>> serials =
                revoked.stream()
                        .collect(
                                Collectors.groupingBy(
                                        CertificateId::issuer,
                                        Collectors.mapping(
                                                CertificateId::number, Collectors.toList())));
        serials.forEach(
                (issuer, its) ->
                        byIssuer.getOrDefault(issuer, List.of()).forEach(set -> add(set, its)));
    }

    private static void add(IssuerRevocations set, List<BigInteger> serials) {
        if (serials.size() == 1) {
            set.revoke(serials.get(0));
        } else {
            set.revokeAll(serials);
        }
    }
}
