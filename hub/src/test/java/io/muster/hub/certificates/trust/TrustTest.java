package io.muster.hub.certificates.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.CertificateVerdict;
import io.muster.auth.x509.ClientCertificateCheck;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.hub.certificates.TestPki.Authority;
import io.muster.hub.certificates.TestPki.Issued;
import io.muster.hub.certificates.TestPki.Wanted;
import io.muster.hub.certificates.trust.TrustedAuthority.Link;
import io.muster.hub.certificates.trust.TrustedAuthority.Revocation;
import io.muster.hub.config.certificates.TrustConfig.Binding;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is trusted, and for how long what is known of revocations is good. */
class TrustTest {

    private static final Authority OWN = new Authority("own");
    private static final Authority OTHER = new Authority("other");
    private static final Issued CLIENT = client(OWN);
    private static final Issued OTHERS = client(OTHER);
    private static final Duration GRACE = Duration.ofHours(1);

    private final MovedClock clock = new MovedClock();
    private final List<RevokedCertificate> revoked = new ArrayList<>();
    private boolean isAway;
    private final Trust trust = new Trust(new RegistryRevocations(this::list, GRACE, clock), clock);

    private static Issued client(Authority issuer) {
        return issuer.issue(Wanted.of("CN=client").until(Instant.now().plus(Duration.ofDays(9))));
    }

    private static final class MovedClock extends Clock {

        private Instant now = Instant.now();

        void advance(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
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
        trust.use(List.of(own()));
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOCATION_STALE);
        trust.follow(page -> {});
        assertThat(refusal(trust.check(), CLIENT)).isEmpty();
    }

    @Test
    void whatIsRevokedElsewhereIsFollowed() {
        trust.use(List.of(own()));
        trust.follow(page -> {});
        CertificateId id = CertificateId.of("own-g1", CLIENT.certificate().getSerialNumber());
        revoked.add(
                new RevokedCertificate(
                        id.serial(),
                        new Position(1, id.serial()),
                        clock.instant(),
                        0,
                        clock.instant()));
        List<CertificateId> told = new ArrayList<>();
        trust.follow(told::addAll);
        assertThat(told).containsExactly(id);
        assertThat(refusal(trust.check(), CLIENT)).contains(RefusalCause.REVOKED);
        trust.follow(told::addAll);
        assertThat(told).as("told once").hasSize(1);
    }

    @Test
    void whatIsRevokedHereIsAtOnce() {
        trust.use(List.of(own()));
        trust.follow(page -> {});
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
        trust.follow(page -> {});
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
}
