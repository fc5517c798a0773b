package io.muster.hub.certificates.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.CrlPartition;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.hub.certificates.MovedClock;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is trusted, and for how long what is known of revocations is good. */
class TrustTest {

    private static final Authority OWN = new Authority("own");
    private static final Authority OTHER = new Authority("other");
    private static final Issued CLIENT = client(OWN);
    private static final Issued OTHERS = client(OTHER);
    private static final String MISSING = "revocation list is stale or missing";
    private static final Duration GRACE = Duration.ofHours(1);

    private final MovedClock clock = new MovedClock();
    private final List<RevokedCertificate> revoked = new ArrayList<>();
    private boolean isAway;
    private final Trust trust = new Trust(new RegistryRevocations(this::list, GRACE, clock), clock);

    private static Issued client(Authority issuer) {
        return issuer.issue(Wanted.of("CN=client").until(Instant.now().plus(Duration.ofDays(9))));
    }

    private List<RevokedCertificate> list(String issuer, Position after, int limit) {
        if (isAway) {
            throw new RegistryUnavailableException("away");
        }
        return issuer.equals("own-g1")
                ? revoked.stream()
                        .filter(each -> each.position().number() > after.number())
                        .limit(limit)
                        .toList()
                : List.of();
    }

    private static TrustedAuthority own() {
        return OwnIssuers.of(Map.of("own-g1", OWN.certificate()), Set.of(OWN.certificate())).get(0);
    }

    private static TrustedAuthority other(FreshnessPolicy policy) {
        return new TrustedAuthority(
                "other",
                List.of(
                        new Link(
                                OTHER.certificate(),
                                TrustedAuthority.externalIssuer(
                                        OTHER.certificate().getSubjectX500Principal()),
                                new Revocation(
                                        Revocation.Kind.LISTS, List.of("other.crl"), false))),
                Binding.REQUIRED,
                policy);
    }

    private static Optional<RefusalCause> refusal(
            ClientCertificateCheck check, Issued certificate) {
        return check.check(List.of(certificate.certificate()))
                        instanceof CertificateVerdict.Refused refused
                ? Optional.of(refused.cause())
                : Optional.empty();
    }

    private void accept(byte[] list) throws CrlRefusedException {
        var unused = trust.lists().keySet().iterator().next().accept(list);
    }

    @Test
    void nobodyIsTrustedBeforeTheRegistryWasRead() {
        isAway = true;
        assertThat(trust.use(List.of(own()))).isFalse();
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.UNKNOWN_ISSUER);
        isAway = false;
        assertThat(trust.use(List.of(own()))).isTrue();
        assertThat(refusal(trust.check(), CLIENT)).isEmpty();
    }

    /** Nobody follows the registry for the sake of one that is not trusted. */
    @Test
    void whatIsRevokedWhileAnAuthorityIsNotTrustedIsSoWhenItComesBack() {
        TrustedAuthority unchecked =
                new TrustedAuthority(
                        "unchecked",
                        List.of(new Link(OWN.certificate(), "own-g1", Revocation.UNCHECKED)),
                        Binding.NONE,
                        FreshnessPolicy.STRICT);
        trust.use(List.of(unchecked));
        assertThat(refusal(trust.check(), CLIENT)).isEmpty();
        trust.use(List.of());
        revoke(CLIENT.certificate());
        trust.follow((page, ends) -> {});

        isAway = true;
        assertThat(trust.use(List.of(unchecked, other(FreshnessPolicy.STRICT)))).isFalse();
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.UNKNOWN_ISSUER);
        isAway = false;
        assertThat(trust.use(List.of(unchecked))).isTrue();
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOKED);
    }

    /** Whoever is trusted no more is out, though others cannot be trusted yet. */
    @Test
    void aRegistryThatIsAwayKeepsNobodyTrusted() {
        trust.use(List.of(own()));
        isAway = true;
        assertThat(trust.use(List.of(other(FreshnessPolicy.STRICT)))).isFalse();
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.UNKNOWN_ISSUER);
        assertThat(trust.authorities()).isEmpty();
    }

    private CertificateId revoke(X509Certificate certificate) {
        CertificateId id = CertificateId.of("own-g1", certificate.getSerialNumber());
        revoked.add(
                new RevokedCertificate(
                        id.serial(),
                        new Position(1, id.serial()),
                        clock.instant(),
                        0,
                        clock.instant()));
        return id;
    }

    @Test
    void whatIsRevokedElsewhereIsFollowed() {
        trust.use(List.of(own()));
        trust.follow((page, ends) -> {});
        CertificateId id = revoke(CLIENT.certificate());
        List<CertificateId> told = new ArrayList<>();
        trust.follow((page, ends) -> told.addAll(page));
        assertThat(told).containsExactly(id);
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOKED);
        trust.follow((page, ends) -> told.addAll(page));
        assertThat(told).as("told once").hasSize(1);
    }

    @Test
    void whatIsRevokedHereIsAtOnce() {
        trust.use(List.of(own()));
        trust.follow((page, ends) -> {});
        trust.revoke(List.of(CertificateId.of("own-g1", CLIENT.certificate().getSerialNumber())));
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOKED);
        trust.use(List.of());
        trust.use(List.of(own()));
        assertThat(refusal(trust.check(), CLIENT))
                .as("also when it is trusted again")
                .contains(RefusalCause.REVOKED);
    }

    @Test
    void aRegistryThatIsAwayIsBelievedForTheGrace() {
        trust.use(List.of(own()));
        trust.follow((page, ends) -> {});
        isAway = true;
        clock.advance(GRACE);
        assertThat(refusal(trust.check(), CLIENT)).isEmpty();
        assertThat(trust.worries()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOCATION_STALE);
        assertThat(trust.worries()).containsKey("own-g1");
        assertThat(refusal(trust.checkOfConnected(Optional.empty()), CLIENT))
                .as("who is connected stays")
                .isEmpty();
    }

    @Test
    void aListIsGoodUntilTheGraceIsOver() throws CrlRefusedException {
        trust.use(List.of(other(FreshnessPolicy.STRICT)));
        assertThat(refusal(trust.check(), OTHERS)).contains(RefusalCause.REVOCATION_STALE);
        accept(OTHER.crl(1, Duration.ofHours(2)));
        assertThat(refusal(trust.check(), OTHERS)).isEmpty();
        clock.advance(Duration.ofHours(2).plusMinutes(30));
        assertThat(refusal(trust.check(), OTHERS)).as("in grace").isEmpty();
        assertThat(trust.worries()).containsEntry("other", "revocation list is due");
        clock.advance(Duration.ofMinutes(31));
        assertThat(refusal(trust.check(), OTHERS)).contains(RefusalCause.REVOCATION_STALE);
        assertThat(trust.worries()).containsEntry("other", "revocation list is stale or missing");
    }

    @Test
    void connectionsHaveTheTimeThatIsConfigured() throws CrlRefusedException {
        trust.use(List.of(other(FreshnessPolicy.STRICT)));
        accept(OTHER.crl(1, Duration.ofHours(2)));
        ClientCertificateCheck limited =
                trust.checkOfConnected(Optional.of(Duration.ofMinutes(10)));
        clock.advance(Duration.ofHours(3).plusMinutes(9));
        assertThat(refusal(limited, OTHERS)).isEmpty();
        clock.advance(Duration.ofMinutes(2));
        assertThat(refusal(limited, OTHERS)).contains(RefusalCause.REVOCATION_STALE);
    }

    @Test
    void anOperatorMayAcceptWhatIsStaleOfOneAuthorityButNotWhatIsRevoked()
            throws CrlRefusedException {
        trust.use(List.of(own(), other(new FreshnessPolicy(Duration.ZERO, true))));
        clock.advance(GRACE.plusSeconds(1));
        assertThat(refusal(trust.check(), OTHERS)).as("no list yet").isEmpty();
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOCATION_STALE);
        accept(OTHER.crl(1, Duration.ofHours(2), OTHERS.certificate()));
        clock.advance(Duration.ofDays(1));
        assertThat(refusal(trust.check(), OTHERS)).contains(RefusalCause.REVOKED);
    }

    @Test
    void whoIsNotNamedAnyMoreIsNotTrustedAnyMore() {
        trust.use(List.of(own(), other(new FreshnessPolicy(Duration.ZERO, true))));
        ClientCertificateCheck check = trust.check();
        assertThat(refusal(check, OTHERS)).isEmpty();
        trust.use(List.of(own()));
        assertThat(refusal(check, OTHERS)).contains(RefusalCause.UNKNOWN_ISSUER);
    }

    @Test
    void aRegistryThatMayNeverBeAwayIsBelievedBetweenTwoLooks() {
        Trust strict = new Trust(new RegistryRevocations(this::list, Duration.ZERO, clock), clock);
        strict.use(List.of(own()));
        strict.follow((page, ends) -> {});
        clock.advance(Duration.ofSeconds(10));
        assertThat(refusal(strict.check(), CLIENT)).isEmpty();
        assertThat(strict.worries()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        assertThat(refusal(strict.check(), CLIENT)).contains(RefusalCause.REVOCATION_STALE);
    }

    private static TrustedAuthority below(
            Authority root, Authority issuing, Revocation ofIssuing, Revocation ofRoot) {
        return new TrustedAuthority(
                issuing.certificate().getSubjectX500Principal().getName(),
                List.of(link(issuing, ofIssuing), link(root, ofRoot)),
                Binding.NONE,
                FreshnessPolicy.STRICT);
    }

    private static Link link(Authority authority, Revocation revocation) {
        return new Link(
                authority.certificate(),
                TrustedAuthority.externalIssuer(authority.certificate().getSubjectX500Principal()),
                revocation);
    }

    private static Revocation lists(String place) {
        return new Revocation(Revocation.Kind.LISTS, List.of(place), false);
    }

    /** Whichever of them is named first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRootThatOneEntryChecksIsCheckedForAllBelowIt(boolean isCheckedFirst)
            throws CrlRefusedException {
        Authority root = new Authority("root of two");
        Authority checked = root.authority("checked");
        Authority unchecked = root.authority("unchecked");
        TrustedAuthority one = below(root, checked, lists("checked.crl"), lists("root.crl"));
        TrustedAuthority other = below(root, unchecked, Revocation.UNCHECKED, Revocation.UNCHECKED);
        // Also where the other one was there before, and alone.
        trust.use(List.of(isCheckedFirst ? one : other));
        trust.use(isCheckedFirst ? List.of(one, other) : List.of(other, one));
        Issued client = client(checked);
        put("checked.crl", checked.crl(1, Duration.ofHours(2)));
        assertThat(refusal(trust.check(), client))
                .as("nobody knows whether its issuer is revoked")
                .contains(RefusalCause.ISSUER_UNUSABLE);
        assertThat(trust.worries()).containsEntry(one.name(), MISSING);
        put("root.crl", root.crl(1, Duration.ofHours(2), checked.certificate()));
        assertThat(refusal(trust.check(), client)).contains(RefusalCause.ISSUER_REVOKED);
        assertThat(refusal(trust.check(), client(unchecked))).isEmpty();
    }

    @Test
    void aRootOfTheHubIsCheckedThoughItWasTrustedUncheckedBefore() {
        Authority root = new Authority("root of the hub");
        Authority issuing = root.authority("issuing of the hub");
        TrustedAuthority unchecked =
                below(
                        root,
                        root.authority("of others"),
                        Revocation.UNCHECKED,
                        Revocation.UNCHECKED);
        trust.use(List.of(unchecked));
        List<TrustedAuthority> both =
                new ArrayList<>(
                        OwnIssuers.of(
                                Map.of(
                                        "root-g1", root.certificate(),
                                        "issuing-g1", issuing.certificate()),
                                Set.of(issuing.certificate())));
        both.add(unchecked);
        assertThat(trust.use(both)).isTrue();
        assertThat(refusal(trust.check(), client(issuing))).isEmpty();
        clock.advance(GRACE.plusSeconds(1));
        assertThat(refusal(trust.check(), client(issuing)))
                .as("the registry was not read for too long")
                .contains(RefusalCause.ISSUER_UNUSABLE);
    }

    private void put(String place, byte[] list) throws CrlRefusedException {
        for (Map.Entry<CrlPartition, Trust.ExpectedList> each : trust.lists().entrySet()) {
            if (each.getValue().place().equals(place)) {
                var unused = each.getKey().accept(list);
            }
        }
    }

    private static TrustedAuthority named(String name, Binding binding, FreshnessPolicy policy) {
        return new TrustedAuthority(
                name, List.of(link(OTHER, Revocation.UNCHECKED)), binding, policy);
    }

    /** In both orders. */
    private void assertContradiction(TrustedAuthority one, TrustedAuthority other, String what) {
        for (List<TrustedAuthority> both : List.of(List.of(one, other), List.of(other, one))) {
            assertThatThrownBy(() -> trust.use(both))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContainingAll(one.name(), other.name(), "same authority", what);
        }
    }

    @Test
    void oneAuthorityCannotBeTrustedInTwoWays() {
        TrustedAuthority first = named("first", Binding.NONE, FreshnessPolicy.STRICT);
        trust.use(List.of(first));
        assertContradiction(
                first,
                named("bound", Binding.REQUIRED, FreshnessPolicy.STRICT),
                "binding = required");
        assertContradiction(
                first,
                named("open", Binding.NONE, new FreshnessPolicy(Duration.ZERO, true)),
                "grace = 0 s, stale-crls = accept");
        assertContradiction(
                own(),
                new TrustedAuthority(
                        "file",
                        List.of(link(OWN, Revocation.UNCHECKED)),
                        Binding.REQUIRED,
                        own().freshness()),
                "the hub's own");
        assertThat(refusal(trust.check(), OTHERS)).as("all stays as it was").isEmpty();

        trust.use(List.of(first, named("twin", Binding.NONE, FreshnessPolicy.STRICT)));
        assertThat(refusal(trust.check(), OTHERS)).isEmpty();
    }

    @Test
    void whoTrustsAnIssuerIsToldWhenItIsRevoked() {
        Authority root = new Authority("own root");
        Authority issuing = root.authority("own issuing");
        trust.use(
                OwnIssuers.of(
                        Map.of(
                                "own-g1", root.certificate(),
                                "own-devices-g1", issuing.certificate()),
                        Set.of(issuing.certificate())));
        trust.follow((page, ends) -> {});
        Issued client = client(issuing);
        assertThat(refusal(trust.check(), client)).isEmpty();
        assertThat(trust.revoke(List.of(CertificateId.of("own-g1", BigInteger.TEN)))).isFalse();

        CertificateId id = revoke(issuing.certificate());
        List<Boolean> told = new ArrayList<>();
        trust.follow((page, ends) -> told.add(ends));
        assertThat(told).containsExactly(true);
        assertThat(trust.worries())
                .containsExactly(Map.entry("own-devices-g1", "not trusted: revoked"));
        assertThat(refusal(trust.check(), client)).contains(RefusalCause.ISSUER_REVOKED);
        assertThat(trust.revoke(List.of(id))).isTrue();
    }

    /** It was read before the authority was trusted, and nobody was told of it then. */
    @Test
    void whatAnAuthorityThatIsNewHasRevokedIsToldToWhoFollows() {
        trust.use(
                OwnIssuers.of(
                        Map.of("other-g1", OTHER.certificate()), Set.of(OTHER.certificate())));
        trust.follow((page, ends) -> {});
        CertificateId id = revoke(CLIENT.certificate());

        trust.use(List.of(own()));

        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOKED);
        List<CertificateId> told = new ArrayList<>();
        trust.follow((page, ends) -> told.addAll(page));
        assertThat(told).containsExactly(id);
    }

    /** What was revoked before is told to the set of a key that is trusted only later. */
    @Test
    void anotherKeyOfTheSameNameIsReadFromTheBeginning() {
        trust.use(List.of(own()));
        revoke(CLIENT.certificate());
        trust.use(List.of());
        trust.use(
                OwnIssuers.of(Map.of("own-g1", OTHER.certificate()), Set.of(OTHER.certificate())));
        trust.follow((page, ends) -> {});
        trust.use(List.of(own()));
        trust.follow((page, ends) -> {});
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOKED);
    }
}
