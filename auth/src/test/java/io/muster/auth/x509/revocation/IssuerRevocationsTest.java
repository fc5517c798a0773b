package io.muster.auth.x509.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestClock;
import io.muster.auth.x509.crl.CrlFailure;
import io.muster.auth.x509.crl.CrlRefusedException;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.crl.SerialNumber;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.encoding.MalformedException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.Extension;
import org.junit.jupiter.api.Test;

class IssuerRevocationsTest {

    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA");
    private static final String HERE = "http://hub/crl/1/7.crl";
    private static final String THERE = "http://hub/crl/1/8.crl";
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final X509Certificate certificate =
            AUTHORITY.client("CN=device").listedAt(HERE).issue();

    @Test
    void aCertificateIsGoodUntilAListOrTheAuthorityRevokesIt() throws Exception {
        IssuerRevocations revocations = of(all());
        accept(revocations, all(), AUTHORITY.crl(1).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.GOOD);

        accept(revocations, all(), AUTHORITY.crl(2).revoking(serial()).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);

        accept(revocations, all(), AUTHORITY.crl(3).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.GOOD);

        revocations.revoke(serial());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);
        assertThat(revocations.announced()).isEqualTo(1);
    }

    @Test
    void whatTheAuthorityRevokedAtOnceStaysRevokedWhateverListsSay() throws Exception {
        IssuerRevocations revocations = of(all());
        revocations.revokeAll(List.of(serial()));

        accept(revocations, all(), AUTHORITY.crl(9).der());

        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);
    }

    @Test
    void aListIsFreshThenInGraceThenStaleToTheSecond() throws Exception {
        IssuerRevocations revocations = of(all());
        CrlPartition partition = revocations.partition(all()).orElseThrow();
        assertThat(partition.freshness(clock.instant(), HOUR)).isEqualTo(Freshness.STALE);
        assertThat(status(revocations)).isEqualTo(RevocationStatus.STALE);

        accept(revocations, all(), AUTHORITY.crl(1).der());
        clock.advance(DAY);
        assertThat(partition.freshness(clock.instant(), HOUR)).isEqualTo(Freshness.FRESH);

        clock.advance(Duration.ofSeconds(1));
        assertThat(partition.freshness(clock.instant(), HOUR)).isEqualTo(Freshness.GRACE);
        assertThat(status(revocations)).isEqualTo(RevocationStatus.GRACE);

        clock.advance(HOUR);
        assertThat(partition.freshness(clock.instant(), HOUR)).isEqualTo(Freshness.STALE);
        assertThat(status(revocations)).isEqualTo(RevocationStatus.STALE);
    }

    @Test
    void whoIsOnAStaleListIsRevokedNevertheless() throws Exception {
        IssuerRevocations revocations = of(all());
        accept(revocations, all(), AUTHORITY.crl(1).revoking(serial()).der());
        clock.advance(DAY.multipliedBy(30));

        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);
    }

    @Test
    void aListThatIsRefusedLeavesTheOneBeforeInForce() throws Exception {
        IssuerRevocations revocations = of(all());
        accept(revocations, all(), AUTHORITY.crl(5).revoking(serial()).der());

        CrlRefusedException refused =
                catchThrowableOfType(
                        CrlRefusedException.class,
                        () -> accept(revocations, all(), AUTHORITY.crl(4).der()));

        assertThat(refused.failure()).isEqualTo(CrlFailure.ROLLBACK);
        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);
        assertThatThrownBy(() -> accept(revocations, all(), new byte[] {0x30, 0}))
                .isInstanceOf(CrlRefusedException.class);
        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);
        assertThat(revocations.partition(all()).orElseThrow().current().orElseThrow().number())
                .isEqualTo(5);
    }

    @Test
    void onlyThePartitionThatTheCertificateNamesSaysWhetherItIsRevoked() throws Exception {
        IssuerRevocations revocations = of(point(HERE), point(THERE));
        accept(
                revocations,
                point(THERE),
                AUTHORITY.crl(1).partition(THERE).revoking(serial()).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.STALE);

        accept(revocations, point(HERE), AUTHORITY.crl(1).partition(HERE).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.GOOD);

        accept(revocations, point(HERE), AUTHORITY.crl(2).partition(HERE).revoking(serial()).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.REVOKED);
    }

    @Test
    void ofSeveralListsThatWouldNameACertificateTheFreshestSaysHowMuchIsKnown() throws Exception {
        IssuerRevocations revocations = of(all(), point(HERE));
        accept(revocations, all(), AUTHORITY.crl(1).der());
        assertThat(status(revocations)).isEqualTo(RevocationStatus.GOOD);

        clock.advance(DAY.plusSeconds(1));
        assertThat(status(revocations)).isEqualTo(RevocationStatus.GRACE);
    }

    @Test
    void aCertificateThatNamesNoPartitionOfOursIsNotCovered() throws Exception {
        IssuerRevocations revocations = of(point(THERE));
        accept(revocations, point(THERE), AUTHORITY.crl(1).partition(THERE).der());

        assertThat(status(revocations)).isEqualTo(RevocationStatus.NOT_COVERED);
    }

    @Test
    void aCertificateThatAnnouncesChangesIsNotCoveredByCompleteListsUnlessTheySuffice()
            throws Exception {
        X509Certificate announcing =
                AUTHORITY
                        .client("CN=device")
                        .with(Extension.freshestCRL, false, new DERSequence())
                        .issue();

        assertThat(of(all()).covering(announcing)).isEmpty();
        assertThat(
                        of(all())
                                .withPartitions(List.of(all()), CrlScope.END_ENTITY, true)
                                .covering(announcing))
                .hasSize(1);
    }

    @Test
    void otherPartitionsKeepListsNumbersAndRevocationsOfThoseThatStay() throws Exception {
        IssuerRevocations before = of(point(HERE), point(THERE));
        accept(before, point(HERE), AUTHORITY.crl(5).partition(HERE).revoking(serial()).der());
        before.revoke(BigInteger.TWO);

        IssuerRevocations after =
                before.withPartitions(List.of(point(HERE), all()), CrlScope.END_ENTITY, false);

        assertThat(status(after)).isEqualTo(RevocationStatus.REVOKED);
        assertThat(after.announced()).isEqualTo(1);
        assertThat(after.partition(point(THERE))).isEmpty();
        assertThatThrownBy(() -> accept(after, point(HERE), AUTHORITY.crl(4).partition(HERE).der()))
                .isInstanceOf(CrlRefusedException.class)
                .hasMessageContaining("number 4");
        before.revoke(BigInteger.TEN);
        assertThat(after.announced()).isEqualTo(2);
    }

    private IssuerRevocations of(Optional<?>... points) {
        Collection<Optional<DistributionPointName>> names =
                List.of(points).stream()
                        .map(point -> point.map(DistributionPointName.class::cast))
                        .toList();
        return IssuerRevocations.of(AUTHORITY.certificate(), clock)
                .withPartitions(names, CrlScope.END_ENTITY, false);
    }

    private static Optional<DistributionPointName> all() {
        return Optional.empty();
    }

    private static Optional<DistributionPointName> point(String uri) {
        return Optional.of(DistributionPointName.uri(uri));
    }

    private static void accept(
            IssuerRevocations revocations, Optional<DistributionPointName> point, byte[] list)
            throws CrlRefusedException {
        revocations.partition(point).orElseThrow().accept(list);
    }

    private BigInteger serial() {
        return certificate.getSerialNumber();
    }

    private RevocationStatus status(IssuerRevocations revocations) throws MalformedException {
        return revocations.status(
                SerialNumber.of(serial()),
                revocations.covering(certificate),
                clock.instant(),
                new FreshnessPolicy(HOUR, false));
    }
}
