package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ELSEWHERE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.external;
import static io.muster.devices.registry.certificates.CertificateFixture.externalReservation;
import static io.muster.devices.registry.certificates.CertificateFixture.fingerprint;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.owner;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.serials;
import static io.muster.devices.registry.certificates.CertificateFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.change.RegistryListener;
import io.muster.devices.registry.revocation.Revocations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the certificates of devices that are deleted or disabled. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateDeletionTest extends CertificateTables {

    private static final Revocation OF_DELETED =
            new Revocation(NOW, Revocation.CESSATION_OF_OPERATION, Revocations.BY_DELETION);

    CertificateDeletionTest(TestDatabase kind) {
        super(kind);
    }

    private Optional<CertificateRefusal> reserve(Reservation reservation) {
        return certificates.reserve(reservation, MANY);
    }

    private Optional<Revocation> revocationOf(long serial) {
        return registry.found(id(serial)).revocation();
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

        assertThat(certificates.findLive(owner(DEVICE), NOW, 10)).isEmpty();
        assertThat(certificates.findByFingerprint(fingerprint(id(2))).orElseThrow().revocation())
                .contains(OF_DELETED);
        registry.issue(3, DEVICE);
        assertThat(certificates.findLive(owner(DEVICE), NOW, 10)).hasSize(1);
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

    @Test
    void whichCertificatesWentIsToldBeforeTheirDevicesAre() {
        List<Object> told = new ArrayList<>();
        registry.devices.addListener(
                new RegistryListener() {
                    @Override
                    public void certificatesRevoked(Set<CertificateId> revoked) {
                        told.add(revoked);
                    }

                    @Override
                    public long devicesDeleted(Map<DeviceId, DeviceState> deleted) {
                        told.add(deleted.keySet());
                        return 0;
                    }
                });
        registry.issue(1, DEVICE);
        assertThat(reserve(reservation(2, DEVICE))).isEmpty();
        registry.issue(3, OTHER);
        registry.issue(4, ELSEWHERE);
        registry.issue(5, OTHER);
        revocations.revoke(id(5), revocation(4));

        registry.delete(DEVICE);
        assertThat(told).containsExactly(Set.of(id(1), id(2)), Set.of(DEVICE));

        told.clear();
        registry.create(DEVICE);
        registry.devices.deleteDevices("pk1", 10);
        assertThat(told).containsExactly(Set.of(id(3)), Set.of(DEVICE, OTHER));
    }

    /** There may be many, and nobody gets in with one of them. */
    @Test
    void whatHasExpiredStaysAsItIs() {
        Instant before = NOW.minus(Duration.ofDays(1));
        registry.issue(until(reservation(1, DEVICE), before.minusSeconds(1)));
        registry.issue(until(reservation(2, DEVICE), before));
        registry.issue(until(reservation(3, OTHER), before.minusSeconds(1)));

        assertThat(
                        revocations
                                .revokeSome(
                                        OTHER,
                                        new Revocation(NOW, Revocation.SUPERSEDED, "olaf"),
                                        Optional.empty(),
                                        10)
                                .revoked())
                .isEmpty();
        registry.delete(DEVICE);

        assertThat(revocationOf(1)).isEmpty();
        assertThat(revocationOf(2)).contains(OF_DELETED);
        assertThat(revocationOf(3)).isEmpty();
        assertThat(registry.found(id(1)).isExpired(NOW)).isTrue();
    }

    @Test
    void aDeviceThatIsDisabledGetsNone() {
        registry.disable(DEVICE);

        assertThat(reserve(reservation(1, DEVICE))).contains(CertificateRefusal.DEVICE_DISABLED);
        assertThat(certificates.bind(external(2, DEVICE), MANY))
                .containsValue(CertificateRefusal.DEVICE_DISABLED);
        assertThat(reserve(reservation(3, OTHER))).isEmpty();
        assertThat(certificates.find(id(1))).isEmpty();
    }
}
