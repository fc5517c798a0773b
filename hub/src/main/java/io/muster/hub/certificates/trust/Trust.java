package io.muster.hub.certificates.trust;

import io.muster.auth.x509.CertificateListener;
import io.muster.auth.x509.ClientCertificate;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.auth.x509.ClientTrust;
import io.muster.auth.x509.TrustedIssuer;
import io.muster.auth.x509.TrustedIssuers;
import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.config.InvalidConfigException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom the hub trusts to say who a client is, and what those have revoked. Who asks it is never
 * kept waiting; {@link #use} and {@link #follow} block, and belong to one thread at a time.
 */
public final class Trust {

    private static final Logger log = LoggerFactory.getLogger(Trust.class);

    /** What may pass, and is no mistake of who configured it. */
    private static final Set<RefusalCause> OF_TIME =
            Set.of(RefusalCause.EXPIRED, RefusalCause.NOT_YET_VALID, RefusalCause.REVOKED);

    private final RegistryRevocations registry;
    private final Clock clock;
    private final AtomicLong changes = new AtomicLong();
    private volatile Snapshot present;

    /** Issuers that are not trusted, since it cannot be read what they have revoked. */
    private Set<String> unread = Set.of();

    /**
     * Who is trusted at one time.
     *
     * @param sets what those have revoked, and those above them
     * @param authorities by the object that the check knows them as
     * @param unusable those that are configured and are not to be trusted now
     */
    private record Snapshot(
            RevocationSets sets,
            TrustedIssuers issuers,
            Map<TrustedIssuer, TrustedAuthority> authorities,
            Map<TrustedAuthority, CertificateRefusedException> unusable) {}

    /** Is told what the registry knows as revoked. */
    @FunctionalInterface
    interface Follower {

        /**
         * These are revoked already.
         *
         * @param endsAuthority whether it is over with an authority, and so with all of its clients
         */
        void revoked(List<CertificateId> revoked, boolean endsAuthority);
    }

    /**
     * Trusts nobody yet.
     *
     * @param registry what is revoked by what the registry knows
     */
    Trust(RegistryRevocations registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        this.present =
                new Snapshot(
                        RevocationSets.none(registry::knownUntil, clock),
                        TrustedIssuers.of(List.of()),
                        Map.of(),
                        Map.of());
    }

    /**
     * These are trusted from now on, and nobody else. One that is not to be trusted now, since it
     * has expired or is revoked, is left out and logged; it may be named again. What the registry
     * knows as revoked of those who are new is so before they are trusted.
     *
     * @return whether that could be read; or those who are new are left out until they are named
     *     again
     * @throws InvalidConfigException with a line for each that can never be trusted as it is; all
     *     stays as it was then
     */
    boolean use(Collection<TrustedAuthority> authorities) {
        RevocationSets before = present.sets();
        RevocationSets sets = before.with(authorities);
        Set<String> strangers = sets.issuersNewSince(before);
        boolean isRead = isRead(strangers, sets);
        Snapshot next = judged(authorities, sets);
        unread = isRead ? Set.of() : strangers;
        if (!isRead) {
            List<TrustedAuthority> others =
                    authorities.stream().filter(each -> !each.isBelow(strangers)).toList();
            next = judged(others, before.with(others));
        }
        present = next;
        if (isRead && !before.issuers().isEmpty()) {
            // Once more by whoever follows, for those who are to be told; nobody was there before.
            registry.beginAgain(strangers);
        }
        next.unusable()
                .forEach(
                        (authority, why) ->
                                log.warn(
                                        "authority is not trusted now authority={} cause={} detail=\"{}\"",
                                        authority.name(),
                                        why.refusal(),
                                        why.getMessage()));
        return isRead;
    }

    /**
     * Whether these could be trusted, if not now, then at another time. Changes nothing. Any
     * thread.
     *
     * @throws InvalidConfigException with a line for each that cannot
     */
    void require(Collection<TrustedAuthority> authorities) {
        var unused = judged(authorities, present.sets().with(authorities));
    }

    /** Reads what these have revoked, from the beginning. */
    private boolean isRead(Set<String> issuers, RevocationSets sets) {
        registry.beginAgain(issuers);
        try {
            registry.follow(issuers, page -> sets.revoke(page));
            return true;
        } catch (RegistryUnavailableException e) {
            log.debug("authorities that are new are not trusted yet", e);
            return false;
        }
    }

    private Snapshot judged(Collection<TrustedAuthority> authorities, RevocationSets sets) {
        List<String> problems = Contradictions.of(authorities);
        Map<TrustedIssuer, TrustedAuthority> trusted = new LinkedHashMap<>();
        Map<TrustedAuthority, CertificateRefusedException> unusable = new LinkedHashMap<>();
        for (TrustedAuthority authority : authorities) {
            try {
                trusted.put(trusted(authority, sets), authority);
            } catch (CertificateRefusedException e) {
                unusable.put(authority, e);
                if (!OF_TIME.contains(e.refusal())) {
                    problems.add(
                            "authority %s cannot be trusted: %s"
                                    .formatted(authority.name(), e.getMessage()));
                }
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return new Snapshot(sets, issuers(trusted.keySet()), trusted, unusable);
    }

    private static TrustedIssuers issuers(Collection<TrustedIssuer> trusted) {
        try {
            return TrustedIssuers.of(trusted);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(List.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Whether one that is left out would be trusted by now. Takes its time: the registry may be
     * asked.
     */
    boolean wouldTrustMore() {
        if (unread.stream().anyMatch(registry::isReadable)) {
            return true;
        }
        Snapshot now = present;
        return now.unusable().keySet().stream().anyMatch(each -> isUsable(each, now.sets()));
    }

    private boolean isUsable(TrustedAuthority authority, RevocationSets sets) {
        try {
            var unused = trusted(authority, sets);
            return true;
        } catch (CertificateRefusedException e) {
            return false;
        }
    }

    private TrustedIssuer trusted(TrustedAuthority authority, RevocationSets sets)
            throws CertificateRefusedException {
        List<X509Certificate> chain = authority.chain().stream().map(Link::certificate).toList();
        return TrustedIssuer.of(
                chain,
                sets.of(authority, 0),
                (issuer, certificate) -> sets.of(authority, chain.indexOf(issuer)),
                clock.instant());
    }

    /**
     * Reads what the registry knows as revoked that is new; these are revoked from then on.
     *
     * @param follower told of them then
     */
    void follow(Follower follower) {
        RevocationSets sets = present.sets();
        registry.follow(sets.issuers(), page -> follower.revoked(page, sets.revoke(page)));
    }

    /**
     * These are revoked: whoever looks after this call returns finds them so. Any thread.
     *
     * @return whether it is over with an authority, and so with all of its clients
     */
    public boolean revoke(Collection<CertificateId> revoked) {
        return present.sets().revoke(revoked);
    }

    /** Judges certificates by who is trusted now. */
    public ClientCertificateCheck check() {
        return check(policy -> policy);
    }

    /**
     * The same for those who are connected already.
     *
     * @param staleLimit how long after lists are stale they stay; empty for ever
     */
    public ClientCertificateCheck checkOfConnected(Optional<Duration> staleLimit) {
        return check(
                policy ->
                        staleLimit
                                .map(
                                        limit ->
                                                new FreshnessPolicy(
                                                        policy.grace().plus(limit),
                                                        policy.admitsStale()))
                                .orElseGet(() -> new FreshnessPolicy(policy.grace(), true)));
    }

    private ClientCertificateCheck check(UnaryOperator<FreshnessPolicy> change) {
        return new ClientCertificateCheck(
                () -> present.issuers(), issuer -> change.apply(policy(issuer)), clock);
    }

    private FreshnessPolicy policy(TrustedIssuer issuer) {
        TrustedAuthority authority = present.authorities().get(issuer);
        // None for one of before, at whom a check still looks.
        return authority == null ? FreshnessPolicy.STRICT : authority.freshness();
    }

    /** Judges the clients of listeners with mutual TLS. */
    public X509ExtendedTrustManager trustManager(CertificateListener listener) {
        return new ClientTrust(check(), listener);
    }

    /** Who issued a certificate; empty if that one is not trusted any more. */
    public Optional<TrustedAuthority> authority(ClientCertificate certificate) {
        return Optional.ofNullable(present.authorities().get(certificate.issuer()));
    }

    /**
     * Whether a certificate whose time is not over would let somebody in: neither it nor an
     * authority above it is revoked, and that one is trusted. Any thread.
     */
    public boolean isGood(CertificateId certificate) {
        Snapshot now = present;
        return now.authorities().values().stream()
                .filter(each -> each.issuer().equals(certificate.issuer()))
                .anyMatch(
                        each ->
                                !now.sets().of(each, 0).isRevoked(certificate.number())
                                        && !isRevoked(each, now.sets()));
    }

    private static boolean isRevoked(TrustedAuthority authority, RevocationSets sets) {
        return RevocationSets.places(authority)
                .anyMatch(place -> isRevoked(authority, place, sets));
    }

    /** By the one above it, or a root by itself. */
    private static boolean isRevoked(TrustedAuthority authority, int place, RevocationSets sets) {
        return above(authority, sets, place)
                .isRevoked(authority.chain().get(place).certificate().getSerialNumber());
    }

    private static IssuerRevocations above(
            TrustedAuthority authority, RevocationSets sets, int place) {
        return sets.of(authority, Math.min(place + 1, authority.chain().size() - 1));
    }

    /**
     * Which authorities end with these certificates, being theirs or of one above them: as the
     * registry calls them. Any thread.
     */
    public Set<String> endedBy(Collection<CertificateId> revoked) {
        Set<CertificateId> all = Set.copyOf(revoked);
        return known().filter(
                        each ->
                                RevocationSets.places(each)
                                        .anyMatch(
                                                place ->
                                                        RevocationSets.id(each, place)
                                                                .filter(all::contains)
                                                                .isPresent()))
                .map(TrustedAuthority::issuer)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * What it means that a list is in force. Any thread, but for one partition in the order of its
     * lists.
     */
    ListChange change(CrlPartition partition, RevokedSerials before, RevokedSerials now) {
        RevocationSets sets = present.sets();
        Set<String> issuers = new HashSet<>();
        Set<String> ended = new HashSet<>();
        known().forEach(
                        each -> {
                            if (sets.of(each, 0).partitions().contains(partition)) {
                                issuers.add(each.issuer());
                            }
                            if (isOnIt(each, sets, partition, now)
                                    && !isOnIt(each, sets, partition, before)) {
                                ended.add(each.issuer());
                            }
                        });
        return new ListChange(partition, changes.incrementAndGet(), before, now, issuers, ended);
    }

    /** Whether an authority or one above it is on a list. */
    private static boolean isOnIt(
            TrustedAuthority authority,
            RevocationSets sets,
            CrlPartition partition,
            RevokedSerials list) {
        return RevocationSets.places(authority)
                .filter(place -> above(authority, sets, place).partitions().contains(partition))
                .mapToObj(place -> authority.chain().get(place).certificate().getSerialNumber())
                .anyMatch(serial -> SerialNumber.isSerial(serial) && list.contains(serial));
    }

    /** Also those who are not trusted now. */
    private Stream<TrustedAuthority> known() {
        Snapshot now = present;
        return Stream.concat(now.authorities().values().stream(), now.unusable().keySet().stream());
    }

    /** All who are trusted now. */
    public Collection<TrustedAuthority> authorities() {
        return present.authorities().values();
    }

    /**
     * What the registry calls an authority that is not ours, or one above it; also if it is not to
     * be trusted now. Any thread.
     *
     * @param said that, or the name of the authority
     */
    public Optional<String> externalIssuer(String said) {
        return known().filter(each -> !each.isOwn())
                .flatMap(
                        each ->
                                each.name().equals(said)
                                        ? Stream.of(each.issuer())
                                        : each.chain().stream()
                                                .map(Link::issuer)
                                                .filter(said::equals))
                .findFirst();
    }

    /** Those who are configured, and not to be trusted now. */
    Map<TrustedAuthority, CertificateRefusedException> unusable() {
        return present.unusable();
    }

    /**
     * Each list that is looked for, once, with the authority for which that is; also of those that
     * are not trusted now, since a list may be why.
     */
    Map<CrlPartition, ExpectedList> lists() {
        Map<CrlPartition, ExpectedList> lists = new LinkedHashMap<>();
        known().forEach(
                        authority -> {
                            for (int i = 0; i < authority.chain().size(); i++) {
                                addLists(authority, i, lists);
                            }
                        });
        return lists;
    }

    /**
     * A list that is looked for.
     *
     * @param place its file or address
     */
    record ExpectedList(TrustedAuthority authority, String place) {

        /** Whether this is the one whose figures are shown under these names. */
        boolean isShownAs(String name, String shown) {
            return authority.name().equals(name) && place.equals(shown);
        }
    }

    private void addLists(
            TrustedAuthority authority, int at, Map<CrlPartition, ExpectedList> lists) {
        TrustedAuthority.Revocation revocation = authority.chain().get(at).revocation();
        IssuerRevocations set = present.sets().of(authority, at);
        for (String place : revocation.lists()) {
            set.partition(RevocationSets.point(revocation, place))
                    .ifPresent(
                            partition ->
                                    lists.putIfAbsent(
                                            partition, new ExpectedList(authority, place)));
        }
    }

    /** What is wrong with what is known of revocations now, by authority; empty if nothing is. */
    Map<String, String> worries() {
        Instant now = clock.instant();
        Map<String, String> worries = new HashMap<>();
        unusable().forEach((each, why) -> worries.put(each.name(), notTrusted(why.refusal())));
        for (TrustedAuthority authority : authorities()) {
            @Nullable String worry = worry(authority, now);
            if (worry != null) {
                worries.put(authority.name(), worry);
            }
        }
        return worries;
    }

    private static String notTrusted(RefusalCause why) {
        return "not trusted: " + why.name().toLowerCase(Locale.ROOT);
    }

    private @Nullable String worry(TrustedAuthority authority, Instant now) {
        for (int i = 0; i < authority.chain().size(); i++) {
            X509Certificate certificate = authority.chain().get(i).certificate();
            if (isRevoked(authority, i, present.sets())) {
                return notTrusted(RefusalCause.REVOKED);
            }
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                return notTrusted(RefusalCause.EXPIRED);
            }
        }
        return listWorry(authority, now);
    }

    private @Nullable String listWorry(TrustedAuthority authority, Instant now) {
        Freshness worst = Freshness.FRESH;
        for (int i = 0; i < authority.chain().size(); i++) {
            Link link = authority.chain().get(i);
            boolean isRead =
                    link.revocation().kind() != TrustedAuthority.Revocation.Kind.REGISTRY
                            || !now.isAfter(registry.knownUntil(link.issuer()));
            worst = worst.worse(isRead ? Freshness.FRESH : Freshness.STALE);
            for (CrlPartition partition : present.sets().of(authority, i).partitions()) {
                worst = worst.worse(partition.freshness(now, authority.freshness().grace()));
            }
        }
        return switch (worst) {
            case FRESH -> null;
            case GRACE -> "revocation list is due";
            case STALE -> "revocation list is stale or missing";
        };
    }
}
