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
import static io.muster.devices.registry.certificates.CertificateFixture.external;
import static io.muster.devices.registry.certificates.CertificateFixture.externalReservation;
import static io.muster.devices.registry.certificates.CertificateFixture.fingerprint;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.serials;
import static io.muster.devices.registry.certificates.CertificateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.revocation.Revocations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateRevocationsTest {

    private static final Revocation OF_DELETED =
            new Revocation(NOW, Revocation.CESSATION_OF_OPERATION, Revocations.BY_DELETION);

    private static @Nullable CertificateFixture opened;

    private CertificateFixture registry;
    private CertificateRegistry certificates;
    private CertificateRevocations revocations;

    /** Without it JUnit does not tell {@link #open} the kind either. */
    CertificateRevocationsTest(TestDatabase kind) {}

    @BeforeParameterizedClassInvocation
    static void open(TestDatabase kind, @TempDir Path folder) throws IOException {
        opened = new CertificateFixture(kind, folder);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        if (opened != null) {
            opened.close();
        }
        opened = null;
    }

    @BeforeEach
    void begin() {
        registry = Objects.requireNonNull(opened);
        registry.begin();
        certificates = registry.certificates;
        revocations = registry.revocations;
    }

    private Optional<Revocation> revocationOf(long serial) {
        return registry.found(id(serial)).revocation();
    }

    @Test
    void aRevocationStandsWhateverIsSaidLater() {
        registry.issue(1, DEVICE);

        assertThat(revocations.revoke(id(1), revocation(4)).revocation()).contains(revocation(4));
        assertThat(revocations.revoke(id(1), revocation(5)).revocation()).contains(revocation(4));
        assertThat(revocations.revoke(id(1), revocation(1)).revocation()).contains(revocation(4));

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
        assertThat(revocations.revoke(id(1), revocation(5)).revocation()).contains(revocation(0));

        assertThat(revocations.revoke(id(1), revocation(1)).revocation())
                .contains(revocation(0).withReason(1));
        assertThat(revocations.revoke(id(1), revocation(0)).revocation())
                .contains(revocation(0).withReason(1));
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(0, 1, 0));
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
    void aCompromisedKeyTakesAllItsCertificatesWithIt() {
        for (int serial = 1; serial <= 4; serial++) {
            registry.issue(withKey(reservation(serial, DEVICE), hash("key")));
        }
        registry.issue(5, DEVICE);
        revocations.revoke(id(1), revocation(0));
        revocations.revoke(id(2), revocation(4));
        assertThat(certificates.reserve(withKey(reservation(6, DEVICE), hash("key")), MANY))
                .isEmpty();

        assertThat(revocations.revokeKey(hash("key"), revocation(1)))
                .containsExactlyInAnyOrder(id(1), id(3), id(4), id(6));

        assertThat(revocationOf(1)).contains(revocation(0).withReason(1));
        assertThat(revocationOf(2)).contains(revocation(4));
        assertThat(revocationOf(3)).contains(revocation(1));
        assertThat(revocationOf(5)).isEmpty();
        assertThat(certificates.reserve(withKey(reservation(7, DEVICE), hash("key")), MANY))
                .contains(CertificateRefusal.KEY_COMPROMISED);
        assertThat(revocations.revokeKey(hash("key"), revocation(1))).isEmpty();
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

    @Test
    void aDeviceThatIsDeletedLeavesItsCertificatesRevoked() {
        registry.issue(1, DEVICE);
        registry.issue(2, DEVICE);
        registry.issue(3, OTHER);
        registry.issue(4, ELSEWHERE);
        assertThat(certificates.bind(external(5, DEVICE), MANY)).isEmpty();
        revocations.revoke(id(2), revocation(4));

        registry.delete(DEVICE);

        assertThat(revocationOf(1)).contains(OF_DELETED);
        assertThat(revocationOf(2)).contains(revocation(4));
        assertThat(revocationOf(3)).isEmpty();
        assertThat(revocationOf(4)).isEmpty();
        assertThat(registry.found(externalReservation(5, DEVICE).id()).revocation())
                .contains(OF_DELETED);
        assertThat(serials(registry.revoked(ISSUER, Position.BEGIN, 10)))
                .containsExactly(id(2).serial(), id(1).serial());
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(2, 3, 2));
    }

    @Test
    void whoIsRegisteredUnderTheNameLaterHasNoneOfThem() {
        registry.issue(1, DEVICE);
        assertThat(certificates.reserve(reservation(2, DEVICE), MANY)).isEmpty();
        registry.delete(DEVICE);
        registry.create(DEVICE);

        assertThat(certificates.record(id(2), der(id(2)), NOW)).isFalse();

        assertThat(certificates.findLive(DEVICE, NOW, 10)).isEmpty();
        assertThat(certificates.findByFingerprint(fingerprint(id(2))).orElseThrow().revocation())
                .contains(OF_DELETED);
        registry.issue(3, DEVICE);
        assertThat(certificates.findLive(DEVICE, NOW, 10)).hasSize(1);
    }

    @Test
    void devicesThatAreDeletedTogetherLeaveTheirCertificatesRevoked() {
        registry.issue(1, DEVICE);
        registry.issue(2, OTHER);
        registry.issue(3, ELSEWHERE);

        assertThat(registry.devices.deleteDevices("pk1", 1)).containsExactly(DEVICE);

        assertThat(revocationOf(1)).contains(OF_DELETED);
        assertThat(revocationOf(2)).isEmpty();
        assertThat(registry.devices.deleteDevices("pk1", 10)).containsExactly(OTHER);
        registry.devices.products().delete("pk1", OptionalLong.empty());
        assertThat(revocationOf(2)).contains(OF_DELETED);
        assertThat(revocationOf(3)).isEmpty();
    }

    @Test
    void aDeviceThatIsNotDeletedKeepsThem() {
        registry.issue(1, DEVICE);

        assertThatExceptionOfType(RevisionConflictException.class)
                .isThrownBy(() -> registry.devices.deleteDevice(DEVICE, OptionalLong.of(99)));

        assertThat(registry.found(id(1)).status()).isEqualTo(CertificateStatus.VALID);
    }
}
