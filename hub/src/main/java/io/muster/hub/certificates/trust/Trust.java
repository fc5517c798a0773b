package io.muster.hub.certificates.trust;

import io.muster.auth.x509.CertificateListener;
import io.muster.auth.x509.ClientCertificate;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.auth.x509.ClientTrust;
import io.muster.auth.x509.TrustedIssuer;
import io.muster.auth.x509.TrustedIssuers;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import io.muster.devices.certificate.CertificateId;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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

    private static final Snapshot NOBODY =
            new Snapshot(TrustedIssuers.of(List.of()), Map.of(), Map.of());

    private final RegistryRevocations registry;
    private final RevocationSets sets;
    private final Clock clock;
    private volatile Snapshot present = NOBODY;

    /**
     * Who is trusted at one time.
     *
     * @param authorities by the object that the check knows them as
     * @param unusable those that are configured and are not to be trusted now
     */
    private record Snapshot(
            TrustedIssuers issuers,
            Map<TrustedIssuer, TrustedAuthority> authorities,
            Map<TrustedAuthority, CertificateRefusedException> unusable) {}

    /**
     * Trusts nobody yet.
     *
     * @param registry what is revoked by what the registry knows
     */
    Trust(RegistryRevocations registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        this.sets = new RevocationSets(registry::knownUntil, clock);
    }

    /**
     * These are trusted from now on, and nobody else. One that is not to be trusted now, since it
     * has expired or is revoked, is left out and logged; it may be named again.
     */
    void use(Collection<TrustedAuthority> authorities) {
        sets.use(authorities);
        Map<TrustedIssuer, TrustedAuthority> trusted = new HashMap<>();
        Map<TrustedAuthority, CertificateRefusedException> unusable = new LinkedHashMap<>();
        for (TrustedAuthority authority : authorities) {
            try {
                trusted.put(trusted(authority), authority);
            } catch (CertificateRefusedException e) {
                unusable.put(authority, e);
                log.warn(
                        "authority is not trusted now authority={} cause={} detail=\"{}\"",
                        authority.name(),
                        e.refusal(),
                        e.getMessage());
            }
        }
        present = new Snapshot(TrustedIssuers.of(trusted.keySet()), trusted, unusable);
    }

    private TrustedIssuer trusted(TrustedAuthority authority) throws CertificateRefusedException {
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
     * @param revoked told of them then
     */
    void follow(Consumer<List<CertificateId>> revoked) {
        registry.follow(
                sets.issuers(),
                page -> {
                    sets.revoke(page);
                    revoked.accept(page);
                });
    }

    /** These are revoked: whoever looks after this call returns finds them so. Any thread. */
    public void revoke(Collection<CertificateId> revoked) {
        sets.revoke(revoked);
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

    /** All who are trusted. */
    Collection<TrustedAuthority> authorities() {
        return present.authorities().values();
    }

    /** Those who are configured, and not to be trusted now. */
    Map<TrustedAuthority, CertificateRefusedException> unusable() {
        return present.unusable();
    }

    /** Each list that is looked for, once, with the authority for which that is. */
    Map<CrlPartition, ExpectedList> lists() {
        Map<CrlPartition, ExpectedList> lists = new LinkedHashMap<>();
        for (TrustedAuthority authority : authorities()) {
            for (int i = 0; i < authority.chain().size(); i++) {
                addLists(authority, i, lists);
            }
        }
        return lists;
    }

    /**
     * A list that is looked for.
     *
     * @param place its file or address
     */
    record ExpectedList(TrustedAuthority authority, String place) {}

    private void addLists(
            TrustedAuthority authority, int at, Map<CrlPartition, ExpectedList> lists) {
        TrustedAuthority.Revocation revocation = authority.chain().get(at).revocation();
        IssuerRevocations set = sets.of(authority, at);
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
        unusable()
                .forEach(
                        (each, why) ->
                                worries.put(
                                        each.name(),
                                        "not trusted: "
                                                + why.refusal().name().toLowerCase(Locale.ROOT)));
        for (TrustedAuthority authority : authorities()) {
            @Nullable String worry = worry(authority, now);
            if (worry != null) {
                worries.put(authority.name(), worry);
            }
        }
        return worries;
    }

    private @Nullable String worry(TrustedAuthority authority, Instant now) {
        Freshness worst = Freshness.FRESH;
        for (int i = 0; i < authority.chain().size(); i++) {
            Link link = authority.chain().get(i);
            boolean isRead =
                    link.revocation().kind() != TrustedAuthority.Revocation.Kind.REGISTRY
                            || !now.isAfter(registry.knownUntil(link.issuer()));
            worst = worst.worse(isRead ? Freshness.FRESH : Freshness.STALE);
            for (CrlPartition partition : sets.of(authority, i).partitions()) {
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
