package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ELSEWHERE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.by;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.fingerprint;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.ofIssuer;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.serials;
import static io.muster.devices.registry.certificates.CertificateFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.registry.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateRevocationsTest extends CertificateTables {

    CertificateRevocationsTest(TestDatabase kind) {
        super(kind);
    }

    private Optional<Revocation> revocationOf(long serial) {
        return registry.found(id(serial)).revocation();
    }

    private Optional<Revocation> revoked(long serial, int reason) {
        return revocations.revoke(id(serial), revocation(reason)).certificate().revocation();
    }

    @Test
    void aRevocationStandsWhateverIsSaidLater() {
        registry.issue(1, DEVICE);

        assertThat(revoked(1, 4)).contains(revocation(4));
        assertThat(revoked(1, 5)).contains(revocation(4));
        assertThat(revoked(1, 1)).contains(revocation(4));

        assertThat(certificates.findByFingerprint(fingerprint(id(1))).orElseThrow().status())
                .isEqualTo(CertificateStatus.REVOKED);
        assertThat(certificates.record(id(1), der(id(1)), NOW)).isFalse();
        assertThat(revocationOf(1)).contains(revocation(4));
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(0, 1, 0));
        assertThat(serials(registry.revoked(ISSUER, Position.BEGIN, 10)))
                .containsExactly(id(1).serial());
    }

    @Test
    void onlyARevocationWithoutAReasonBecomesACompromise() {
        registry.issue(1, DEVICE);
        revocations.revoke(id(1), revocation(0));
        assertThat(revoked(1, 5)).contains(revocation(0));

        assertThat(revoked(1, 1)).contains(revocation(0).followedBy(revocation(1)));
        assertThat(revoked(1, 0)).contains(revocation(0).followedBy(revocation(1)));
        assertThat(revocationOf(1).map(Revocation::at)).contains(revocation(0).at());
        assertThat(revocationOf(1).map(Revocation::actor)).contains(revocation(1).actor());
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(0, 1, 0));
    }

    /** So nobody makes a CRL that says nothing new, or waits for the number of revocations. */
    @Test
    void aRevocationThatIsRepeatedChangesNothingAndTakesNoNumber() {
        registry.issue(1, DEVICE);
        assertThat(revocations.revoke(id(1), revocation(4)).changed()).containsExactly(id(1));
        long number = lastNumber();

        assertThat(revocations.revoke(id(1), revocation(4)).changed()).isEmpty();
        assertThat(revocations.revokeKey(hash("key 1"), revocation(4))).isEmpty();
        assertThat(revocations.revokeSome(DEVICE, revocation(4), Optional.empty(), 10).revoked())
                .isEmpty();
        assertThat(revocations.revokeReserved(NOW, revocation(0), 10)).isEmpty();
        registry.delete(DEVICE);

        assertThat(lastNumber()).isEqualTo(number);
    }

    private long lastNumber() {
        return registry.database.read(
                "find the last number",
                handle ->
                        handle.createQuery("SELECT last FROM certificate_revocation_number")
                                .mapTo(Long.class)
                                .one());
    }

    @Test
    void oneThatIsReservedIsRevokedOnlyIfItIsStill() {
        assertThat(certificates.reserve(reservation(1, DEVICE), MANY)).isEmpty();
        registry.issue(2, DEVICE);

        assertThat(revocations.revokeReserved(id(1), revocation(0))).isTrue();
        assertThat(revocations.revokeReserved(id(1), revocation(0))).isFalse();
        assertThat(revocations.revokeReserved(id(2), revocation(0))).isFalse();
        assertThat(revocations.revokeReserved(id(3), revocation(0))).isFalse();

        assertThat(certificates.record(id(1), der(id(1)), NOW)).isFalse();
        assertThat(registry.found(id(2)).status()).isEqualTo(CertificateStatus.VALID);
    }

    @Test
    void aStepLooksAtSoManyAndNoMore() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> revocations.revokeSome("pk1", revocation(5), Optional.empty(), 1001))
                .withMessageContaining("1001");
    }

    @Test
    void whatThereIsNotIsNotRevoked() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> revocations.revoke(id(1), revocation(0)))
                .withMessageContaining(id(1).toString());
    }

    @Test
    void aCertificateThatIsRevokedBeforeItIsRecordedIsNeverValid() {
        assertThat(certificates.reserve(reservation(1, DEVICE), MANY)).isEmpty();
        revocations.revoke(id(1), revocation(0));

        assertThat(certificates.record(id(1), der(id(1)), NOW)).isFalse();

        assertThat(certificates.findByFingerprint(fingerprint(id(1))).orElseThrow().status())
                .isEqualTo(CertificateStatus.REVOKED);
        assertThat(certificates.findDer(id(1)).orElseThrow()).isEqualTo(der(id(1)));
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(0, 1, 0));
    }

    @Test
    void theCertificatesOfADeviceAreRevokedInSteps() {
        for (int serial = 1; serial <= 5; serial++) {
            registry.issue(serial, DEVICE);
        }
        registry.issue(6, OTHER);
        revocations.revoke(id(2), revocation(4));

        List<List<CertificateId>> steps = new ArrayList<>();
        Optional<CertificateId> after = Optional.empty();
        do {
            CertificateRevocations.Step step =
                    revocations.revokeSome(DEVICE, revocation(5), after, 2);
            steps.add(step.revoked());
            after = step.next();
        } while (after.isPresent());

        assertThat(steps).containsExactly(List.of(id(1)), List.of(id(3), id(4)), List.of(id(5)));
        assertThat(revocationOf(2)).contains(revocation(4));
        assertThat(revocationOf(3)).contains(revocation(5));
        assertThat(revocationOf(6)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> revocations.revokeSome(DEVICE, revocation(5), Optional.of(id(9)), 2));
    }

    @Test
    void theCertificatesOfAProductAreRevokedAndThoseOfOthersStay() {
        registry.issue(1, DEVICE);
        registry.issue(2, OTHER);
        registry.issue(3, ELSEWHERE);
        assertThat(certificates.reserve(reservation(4, OTHER), MANY)).isEmpty();

        CertificateRevocations.Step all =
                revocations.revokeSome("pk1", revocation(9), Optional.empty(), 10);

        assertThat(all.revoked()).containsExactly(id(1), id(2), id(4));
        assertThat(all.next()).isEmpty();
        assertThat(revocationOf(3)).isEmpty();
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(1, 3, 1));
    }

    @Test
    void theCertificatesOfAnIssuerAreRevokedInStepsAndThoseOfOthersStay() {
        registry.issue(until(reservation(1, DEVICE), NOW.plus(YEAR.multipliedBy(2))));
        registry.issue(2, OTHER);
        registry.issue(3, ELSEWHERE);
        registry.issue(until(reservation(4, OTHER), NOW.minus(YEAR)));
        registry.issue(ofIssuer(reservation(5, DEVICE), "devices-g2"));
        registry.issue(ofIssuer(reservation(6, DEVICE), "devices-g0"));
        assertThat(certificates.countValid(NOW))
                .isEqualTo(Map.of(ISSUER, 3L, "devices-g2", 1L, "devices-g0", 1L));

        List<List<CertificateId>> steps = new ArrayList<>();
        Optional<CertificateId> after = Optional.empty();
        do {
            CertificateRevocations.Step step =
                    revocations.revokeSomeOf(ISSUER, revocation(5), after, 2);
            steps.add(step.revoked());
            after = step.next();
        } while (after.isPresent());

        assertThat(steps).containsExactly(List.of(id(2), id(3)), List.of(id(1)));
        assertThat(registry.found(id(4)).status()).isEqualTo(CertificateStatus.VALID);
        assertThat(certificates.countValid(NOW))
                .isEqualTo(Map.of("devices-g2", 1L, "devices-g0", 1L));
    }

    /** No index leads to those of one issuer only. */
    @Test
    void aStepLooksAtSoManyOfOtherIssuersAndTheNextOneGoesOnBehindThem() {
        registry.issue(1, DEVICE);
        registry.fill(CertificateWalk.LOOKED_AT_MAX + 500, "devices-g0", hash("other"), "1");

        CertificateRevocations.Step first =
                revocations.revokeSomeOf(ISSUER, revocation(5), Optional.empty(), 1000);
        assertThat(first.revoked()).isEmpty();
        CertificateRevocations.Step second =
                revocations.revokeSomeOf(ISSUER, revocation(5), first.next(), 1000);

        assertThat(first.next().orElseThrow().issuer()).isEqualTo("devices-g0");
        assertThat(second.revoked()).containsExactly(id(1));
        assertThat(second.next()).isEmpty();
    }

    /** It may look at thousands, and SQLite has one writer. */
    @Test
    void whatAStepRevokesIsLookedForWhileOthersWrite() {
        registry.issue(ofIssuer(reservation(1, DEVICE), "devices-g2"));

        CertificateRevocations.Step step =
                registry.database.write(
                        "write at length",
                        handle -> {
                            handle.execute("UPDATE device SET revision = revision");
                            return CompletableFuture.supplyAsync(this::stepOfTheIssuer).join();
                        });

        assertThat(step.revoked()).isEmpty();
        assertThat(step.next()).isEmpty();
    }

    private CertificateRevocations.Step stepOfTheIssuer() {
        return revocations.revokeSomeOf(ISSUER, revocation(5), Optional.empty(), 1000);
    }

    @Test
    void ofNamedCertificatesOnlyThoseOfTheProductAreRevoked() {
        registry.issue(1, DEVICE);
        registry.issue(2, ELSEWHERE);
        registry.issue(until(reservation(3, OTHER), NOW.minus(YEAR)));
        registry.issue(4, OTHER);
        revocations.revoke(id(4), revocation(4));

        assertThat(
                        revocations.revokeAmong(
                                "pk1", List.of(id(1), id(2), id(3), id(4), id(5)), revocation(5)))
                .containsExactly(id(1));
        assertThat(revocationOf(2)).isEmpty();
        assertThat(revocationOf(3)).isEmpty();
        assertThat(revocationOf(4)).contains(revocation(4));
    }

    @Test
    void whatWasReservedAndNeverRecordedIsRevoked() {
        IssuanceRequest later = new IssuanceRequest("anna", NOW.plusSeconds(9), Optional.empty());
        for (int serial = 1; serial <= 3; serial++) {
            assertThat(certificates.reserve(reservation(serial, DEVICE), MANY)).isEmpty();
        }
        assertThat(certificates.reserve(by(reservation(4, DEVICE), later), MANY)).isEmpty();
        registry.issue(5, DEVICE);

        assertThat(revocations.revokeReserved(NOW.plusSeconds(9), revocation(0), 2)).hasSize(2);
        assertThat(revocations.revokeReserved(NOW.plusSeconds(9), revocation(0), 2)).hasSize(1);
        assertThat(revocations.revokeReserved(NOW.plusSeconds(9), revocation(0), 2)).isEmpty();

        assertThat(revocationOf(3)).contains(revocation(0));
        assertThat(registry.found(id(4)).status()).isEqualTo(CertificateStatus.RESERVED);
        assertThat(registry.found(id(5)).status()).isEqualTo(CertificateStatus.VALID);
    }

    @Test
    void revocationsAreListedInTheirOrderAndNewOnesFromThePositionOn() {
        for (int serial = 1; serial <= 6; serial++) {
            registry.issue(serial, DEVICE);
        }
        revocations.revoke(id(5), revocation(0));
        revocations.revoke(id(2), revocation(4));
        revocations.revokeSome(DEVICE, revocation(5), Optional.of(id(2)), 2);

        List<RevokedCertificate> first = registry.revoked(ISSUER, Position.BEGIN, 1);

        assertThat(serials(first))
                .containsExactly(id(5).serial(), id(2).serial(), id(3).serial(), id(4).serial());
        assertThat(first.get(1))
                .isEqualTo(
                        new RevokedCertificate(
                                id(2).serial(),
                                first.get(1).position(),
                                revocation(4).at(),
                                4,
                                NOW.plus(YEAR)));
        assertThat(registry.revoked("devices-g2", Position.BEGIN, 10)).isEmpty();
        Position last = first.get(3).position();
        assertThat(registry.revoked(ISSUER, last, 10)).isEmpty();
        revocations.revoke(id(5), revocation(1));
        revocations.revoke(id(1), revocation(3));
        revocations.revoke(id(1), revocation(3));
        assertThat(registry.revoked(ISSUER, last, 10))
                .extracting(RevokedCertificate::serial, RevokedCertificate::reason)
                .containsExactly(tuple(id(5).serial(), 1), tuple(id(1).serial(), 3));
    }

    @Test
    void theNumbersOfCrlsGrowForEachShardOfAnIssuer() {
        assertThat(revocations.lastCrlNumber(ISSUER, 3)).isZero();

        assertThat(revocations.nextCrlNumber(ISSUER, 3)).isEqualTo(1);
        assertThat(revocations.nextCrlNumber(ISSUER, 3)).isEqualTo(2);
        assertThat(revocations.nextCrlNumber(ISSUER, 4)).isEqualTo(1);
        assertThat(revocations.nextCrlNumber("devices-g2", 3)).isEqualTo(1);

        assertThat(revocations.lastCrlNumber(ISSUER, 3)).isEqualTo(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> revocations.nextCrlNumber("a b", 0))
                .withMessageContaining("'a b'");
    }
}
