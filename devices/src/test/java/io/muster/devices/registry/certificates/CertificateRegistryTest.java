package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ELSEWHERE;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.SERVER;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.by;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.external;
import static io.muster.devices.registry.certificates.CertificateFixture.externalReservation;
import static io.muster.devices.registry.certificates.CertificateFixture.fingerprint;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.ofKind;
import static io.muster.devices.registry.certificates.CertificateFixture.owner;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.until;
import static io.muster.devices.registry.certificates.CertificateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.registry.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateRegistryTest extends CertificateTables {

    CertificateRegistryTest(TestDatabase kind) {
        super(kind);
    }

    private Optional<CertificateRefusal> reserve(Reservation reservation) {
        return certificates.reserve(reservation, MANY);
    }

    @Test
    void aCertificateIsReservedAndThenBoundToItsDevice() {
        Reservation reservation = reservation(0x1f, DEVICE);
        assertThat(reserve(reservation)).isEmpty();
        Certificate reserved = registry.found(id(0x1f));
        assertThat(reserved.status()).isEqualTo(CertificateStatus.RESERVED);
        assertThat(reserved.reservation()).isEqualTo(reservation);
        assertThat(certificates.findByFingerprint(fingerprint(id(0x1f)))).isEmpty();
        assertThat(certificates.findLive(owner(DEVICE), NOW, 10)).containsExactly(reserved);

        assertThat(certificates.record(id(0x1f), der(id(0x1f)), NOW.plusMillis(7))).isTrue();

        Certificate valid =
                new Certificate(
                        reservation,
                        Optional.of(
                                new Certificate.Issuance(fingerprint(id(0x1f)), NOW.plusMillis(7))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        assertThat(valid.status()).isEqualTo(CertificateStatus.VALID);
        assertThat(certificates.find(id(0x1f))).contains(valid);
        assertThat(certificates.findByFingerprint(fingerprint(id(0x1f)))).contains(valid);
        assertThat(certificates.findByPublicKey(reservation.publicKey(), 10))
                .containsExactly(valid);
        assertThat(certificates.findLive(owner(DEVICE), NOW, 10)).containsExactly(valid);
        assertThat(certificates.findDer(id(0x1f)).orElseThrow()).isEqualTo(der(id(0x1f)));
        assertThat(certificates.findLive(owner(OTHER), NOW, 10)).isEmpty();
        assertThat(certificates.findDer(id(0x20))).isEmpty();
    }

    @Test
    void itIsKnownWhichOthersOfADeviceAreGood() {
        CertificateId first = registry.issue(1, DEVICE);
        CertificateId second = registry.issue(2, DEVICE);
        CertificateId ofOther = registry.issue(until(reservation(3, OTHER), NOW.minusSeconds(1)));
        assertThat(certificates.reserve(reservation(4, OTHER), MANY)).isEmpty();
        List<CertificateId> all = List.of(first, ofOther, id(0x99));

        assertThat(certificates.findOthers(all, NOW))
                .as("one of two; one is over and one is only reserved")
                .isEqualTo(Map.of(DEVICE, Set.of(second), OTHER, Set.of()));
        assertThat(certificates.findOthers(List.of(first, second), NOW))
                .as("also if what is asked about is good by what is written here")
                .isEqualTo(Map.of(DEVICE, Set.of()));
        registry.revocations.revoke(second, revocation(4));
        assertThat(certificates.findOthers(List.of(first), NOW))
                .isEqualTo(Map.of(DEVICE, Set.of()));
        assertThat(certificates.findOthers(List.of(id(0x99)), NOW)).isEmpty();
    }

    @Test
    void aSerialNumberIsGivenOnceByAnIssuer() {
        registry.issue(1, DEVICE);
        Reservation elsewhere =
                withKey(
                        ofKind(reservation(1, DEVICE), CertificateKind.SERVER, SERVER),
                        hash("server"));
        Reservation ofAnother =
                new Reservation(
                        new CertificateId("servers-g1", id(1).serial()),
                        elsewhere.kind(),
                        elsewhere.owner(),
                        elsewhere.publicKey(),
                        elsewhere.validity(),
                        elsewhere.request(),
                        elsewhere.renews());

        assertThat(reserve(withKey(reservation(1, OTHER), hash("x"))))
                .contains(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        assertThat(reserve(elsewhere)).contains(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        assertThat(reserve(ofAnother)).isEmpty();
        assertThat(registry.found(id(1)).device()).contains(DEVICE);
    }

    /** As whoever got no answer does. */
    @Test
    void aReservationThatIsRepeatedIsMadeOnce() {
        Reservation reservation = reservation(1, DEVICE);
        assertThat(certificates.reserve(reservation, 1)).isEmpty();
        assertThat(certificates.reserve(reservation, 1)).isEmpty();

        assertThat(certificates.record(id(1), der(id(1)), NOW)).isTrue();
        assertThat(certificates.reserve(reservation, 1))
                .contains(CertificateRefusal.SERIAL_NUMBER_TAKEN);
    }

    @Test
    void aCertificateThatIsRecordedAgainIsRecordedOnceAndNoOtherTakesItsPlace() {
        registry.issue(1, DEVICE);

        assertThat(certificates.record(id(1), der(id(1)), NOW.plusSeconds(99))).isTrue();

        assertThat(registry.found(id(1)).issuance().orElseThrow().at())
                .isEqualTo(NOW.plusSeconds(1));
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(1, 0, 1));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> certificates.record(id(1), der(id(2)), NOW))
                .withMessageContaining(id(1).toString());
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> certificates.record(id(2), der(id(2)), NOW))
                .withMessageContaining(id(2).toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> certificates.record(id(1), new byte[8193], NOW))
                .withMessageContaining("8193");
    }

    @Test
    void ofSeveralThatAreReservedSomeMayBeRefused() {
        registry.issue(1, DEVICE);
        DeviceId nobody = new DeviceId("pk1", "nobody");

        assertThat(
                        certificates.reserve(
                                List.of(
                                        reservation(3, nobody),
                                        reservation(2, OTHER),
                                        reservation(1, OTHER),
                                        reservation(4, ELSEWHERE)),
                                MANY))
                .isEqualTo(
                        Map.of(
                                id(3), CertificateRefusal.DEVICE_UNKNOWN,
                                id(1), CertificateRefusal.SERIAL_NUMBER_TAKEN));

        assertThat(certificates.record(Map.of(id(2), der(id(2)), id(4), der(id(4))), NOW))
                .isEmpty();
        assertThat(certificates.find(id(3))).isEmpty();
        assertThat(certificates.findLive(owner(ELSEWHERE), NOW, 1)).hasSize(1);
    }

    @Test
    void aDeviceHasSoManyCertificatesThatAreGoodAndNoMore() {
        assertThat(certificates.reserve(reservation(1, DEVICE), 2)).isEmpty();
        registry.issue(2, DEVICE);

        assertThat(certificates.reserve(reservation(3, DEVICE), 2))
                .contains(CertificateRefusal.TOO_MANY);
        assertThat(certificates.reserve(reservation(4, OTHER), 2)).isEmpty();
        registry.revocations.revoke(id(2), revocation(Revocation.SUPERSEDED));
        assertThat(certificates.reserve(until(reservation(3, DEVICE), NOW.plusSeconds(60)), 2))
                .isEmpty();
        IssuanceRequest later = new IssuanceRequest("anna", NOW.plusSeconds(60), Optional.empty());
        assertThat(certificates.reserve(by(reservation(5, DEVICE), later), 2))
                .contains(CertificateRefusal.TOO_MANY);
        IssuanceRequest afterItsEnd =
                new IssuanceRequest("anna", NOW.plusSeconds(61), Optional.empty());
        assertThat(certificates.reserve(by(reservation(5, DEVICE), afterItsEnd), 2)).isEmpty();
    }

    @Test
    void anExternalCertificateIsBoundWithoutItsBytes() {
        Reservation reservation = externalReservation(0x77, DEVICE);
        CertificateId id = reservation.id();

        assertThat(certificates.bind(external(0x77, DEVICE), MANY)).isEmpty();
        assertThat(certificates.bind(external(0x77, DEVICE), 1)).as("again").isEmpty();

        Certificate bound = certificates.findByFingerprint(fingerprint(id)).orElseThrow();
        assertThat(bound.reservation()).isEqualTo(reservation);
        assertThat(bound.status()).isEqualTo(CertificateStatus.VALID);
        assertThat(certificates.findDer(id)).isEmpty();
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(1, 0, 1));
        assertThat(certificates.bind(external(0x77, OTHER), MANY))
                .containsExactly(Map.entry(id, CertificateRefusal.SERIAL_NUMBER_TAKEN));
        registry.revocations.revoke(id, revocation(Revocation.CESSATION_OF_OPERATION));
        assertThat(certificates.bind(external(0x77, DEVICE), MANY))
                .containsExactly(Map.entry(id, CertificateRefusal.SERIAL_NUMBER_TAKEN));
    }

    @Test
    void aCertificateOfOursIsNotBoundAsSomebodyElses() {
        Reservation own = reservation(1, DEVICE);
        registry.issue(own);

        assertThat(
                        certificates.bind(
                                Map.of(
                                        withKey(externalReservation(2, DEVICE), own.publicKey()),
                                        fingerprint(id(1))),
                                MANY))
                .containsValue(CertificateRefusal.CERTIFICATE_KNOWN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reserve(externalReservation(2, DEVICE)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> certificates.bind(Map.of(own, fingerprint(id(1))), MANY));
    }

    @Test
    void theFirstUseIsToldOnce() {
        registry.issue(1, DEVICE);
        registry.issue(2, OTHER);

        assertThat(certificates.markUsed(List.of(id(1)), NOW.plusSeconds(5)))
                .containsExactly(id(1));
        assertThat(certificates.markUsed(List.of(id(1), id(2), id(3)), NOW.plusSeconds(6)))
                .containsExactly(id(2));

        assertThat(registry.found(id(1)).usedAt()).contains(NOW.plusSeconds(5));
    }

    @Test
    void theLiveCertificatesOfADeviceAreThoseThatAreNeitherRevokedNorExpired() {
        registry.issue(until(reservation(1, DEVICE), NOW.plusSeconds(10)));
        registry.issue(until(reservation(2, DEVICE), NOW.plusSeconds(30)));
        registry.issue(until(reservation(3, DEVICE), NOW.plusSeconds(20)));
        registry.issue(until(reservation(4, DEVICE), NOW.plusSeconds(40)));
        registry.revocations.revoke(id(4), revocation(0));
        assertThat(reserve(until(reservation(5, DEVICE), NOW.plusSeconds(25)))).isEmpty();

        assertThat(certificates.findLive(owner(DEVICE), NOW.plusSeconds(20), 10))
                .extracting(Certificate::id)
                .containsExactly(id(2), id(5), id(3));
        assertThat(certificates.findLive(owner(DEVICE), NOW, 1))
                .extracting(Certificate::id)
                .containsExactly(id(2));
    }

    @Test
    void certificatesAreCountedByTheDayOfTheirEnd() {
        Duration soon = Duration.ofDays(30);
        registry.issue(until(reservation(1, DEVICE), NOW.plus(soon)));
        registry.issue(until(reservation(2, DEVICE), NOW.plus(soon).plus(Duration.ofDays(1))));
        registry.issue(until(reservation(3, DEVICE), NOW.minusSeconds(1)));
        registry.issue(4, OTHER);
        assertThat(reserve(reservation(5, OTHER))).isEmpty();

        assertThat(certificates.count(NOW, soon)).isEqualTo(new CertificateCounts(3, 0, 1));

        registry.revocations.revoke(id(1), revocation(0));
        registry.revocations.revoke(id(3), revocation(0));
        registry.revocations.revoke(id(5), revocation(0));
        assertThat(certificates.count(NOW, soon)).isEqualTo(new CertificateCounts(2, 3, 0));
    }

    /** A newer hub's status may bar it. */
    @Test
    void aCertificateInAStateThatIsNotKnownIsNotTakenForValid() {
        registry.issue(1, DEVICE);
        registry.database.write(
                "make a certificate a newer hub's",
                handle -> handle.execute("UPDATE certificate SET status = 3"));

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> certificates.findByFingerprint(fingerprint(id(1))))
                .withMessageContaining("3");
    }

    @Test
    void anOutageIsNoAnswer(@TempDir Path folder) throws IOException {
        CertificateFixture closed = new CertificateFixture(TestDatabase.SQLITE, folder);
        closed.close();

        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> closed.certificates.reserve(reservation(1, DEVICE), MANY));
        assertThatExceptionOfType(RegistryUnavailableException.class)
                .isThrownBy(() -> closed.certificates.findByFingerprint(hash("x")));
    }
}
