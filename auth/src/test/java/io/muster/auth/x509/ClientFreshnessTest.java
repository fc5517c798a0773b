package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.CertificateVerdict.Accepted;
import io.muster.auth.x509.CertificateVerdict.Refused;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.Freshness;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lists that are old, or that there are not, mean to clients. */
class ClientFreshnessTest {

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final Hierarchy hierarchy = Hierarchy.of("Test", clock);
    private final AtomicReference<TrustedIssuers> trusted = new AtomicReference<>();
    private final ClientCertificateCheck check =
            new ClientCertificateCheck(trusted::get, FreshnessPolicy.STRICT, clock);

    @BeforeEach
    void trust() throws Exception {
        trusted.set(TrustedIssuers.of(List.of(hierarchy.trusted(clock))));
    }

    @Test
    void refusesEverybodyWhenAListHasBeenStaleForAnHour() {
        X509Certificate certificate = client().issue();
        clock.advance(Duration.ofHours(25));
        accepted(certificate);

        clock.advance(Duration.ofSeconds(1));
        Hierarchy.list(
                hierarchy.rootRevocations,
                hierarchy.root.crl(2).made(clock.instant(), clock.instant().plusSeconds(60)));
        assertRefused(RefusalCause.REVOCATION_STALE, certificate);

        clock.advance(Duration.ofDays(1));
        Hierarchy.list(
                hierarchy.issuingRevocations,
                hierarchy.issuing.crl(2).made(clock.instant(), clock.instant().plusSeconds(60)));
        assertRefused(RefusalCause.ISSUER_UNUSABLE, certificate);
    }

    @Test
    void letsInWithAStaleListOnlyIfAnOperatorWantsSoAndNeverWhoIsRevoked() {
        ClientCertificateCheck open =
                new ClientCertificateCheck(
                        trusted::get, new FreshnessPolicy(Duration.ofHours(1), true), clock);
        X509Certificate good = client().issue();
        X509Certificate revoked = client().issue();
        Hierarchy.list(
                hierarchy.issuingRevocations,
                hierarchy.issuing.crl(2).revoking(revoked.getSerialNumber()));
        clock.advance(Duration.ofDays(30));

        assertThat(open.check(List.of(good)))
                .isInstanceOfSatisfying(
                        Accepted.class,
                        accepted -> assertThat(accepted.freshness()).isEqualTo(Freshness.STALE));
        assertThat(open.check(List.of(revoked)))
                .isInstanceOfSatisfying(
                        Refused.class, r -> assertThat(r.cause()).isEqualTo(RefusalCause.REVOKED));
        assertRefused(RefusalCause.ISSUER_UNUSABLE, good);
    }

    /** No list will ever name it, which is no matter of time. */
    @Test
    void whomNoListWouldNameIsRefusedAlsoWhereAnOperatorLetsInWithStaleLists() throws Exception {
        TestAuthority issuing = hierarchy.issuing;
        IssuerRevocations partitioned =
                IssuerRevocations.of(issuing.certificate(), clock)
                        .withPartitions(
                                List.of(Optional.of(DistributionPointName.uri("http://hub/1.crl"))),
                                CrlScope.END_ENTITY,
                                false);
        TrustedIssuers issuers =
                TrustedIssuers.of(
                        List.of(
                                TrustedIssuer.of(
                                        List.of(
                                                issuing.certificate(),
                                                hierarchy.root.certificate()),
                                        partitioned,
                                        (issuer, subject) -> hierarchy.rootRevocations,
                                        clock.instant())));
        ClientCertificateCheck open =
                new ClientCertificateCheck(
                        () -> issuers, new FreshnessPolicy(Duration.ofHours(1), true), clock);

        assertThat(open.check(List.of(client().listedAt("http://hub/1.crl").issue())))
                .isInstanceOf(Accepted.class);
        assertThat(open.check(List.of(client().listedAt("http://hub/2.crl").issue())))
                .isInstanceOfSatisfying(
                        Refused.class,
                        r -> assertThat(r.cause()).isEqualTo(RefusalCause.NOT_COVERED));
    }

    @Test
    void saysHowFreshTheOldestListIsThatItStandsOn() {
        X509Certificate certificate = client().issue();
        assertThat(freshness(certificate)).isEqualTo(Freshness.FRESH);

        clock.advance(Duration.ofHours(25));
        Hierarchy.list(
                hierarchy.issuingRevocations,
                hierarchy.issuing.crl(2).made(clock.instant(), clock.instant().plusSeconds(60)));
        assertThat(freshness(certificate)).isEqualTo(Freshness.GRACE);
    }

    private Freshness freshness(X509Certificate certificate) {
        return ((Accepted) check.check(List.of(certificate))).freshness();
    }

    private TestCertificate client() {
        return hierarchy.issuing.client("CN=dk,OU=pk");
    }

    private ClientCertificate accepted(X509Certificate certificate) {
        CertificateVerdict verdict = check.check(List.of(certificate));
        assertThat(verdict).isInstanceOf(Accepted.class);
        return ((Accepted) verdict).certificate();
    }

    private void assertRefused(RefusalCause cause, X509Certificate... chain) {
        assertThat(check.check(List.of(chain)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.cause()).as(refused.detail()).isEqualTo(cause));
    }
}
