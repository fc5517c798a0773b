package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.renewing;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.certificate.CertificateCounts;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.certificates.CertificateRegistry.Written;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is reserved and what is recorded in one transaction. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateWritesTest extends CertificateTables {

    CertificateWritesTest(TestDatabase kind) {
        super(kind);
    }

    private void reserve(long serial, DeviceId device) {
        assertThat(certificates.reserve(reservation(serial, device), MANY)).isEmpty();
    }

    private static Map<CertificateId, byte[]> signed(long... serials) {
        Map<CertificateId, byte[]> signed = new HashMap<>();
        for (long serial : serials) {
            signed.put(id(serial), der(id(serial)));
        }
        return signed;
    }

    private CertificateStatus status(long serial) {
        return registry.found(id(serial)).status();
    }

    @Test
    void someAreReservedWhileOthersAreRecorded() {
        reserve(1, DEVICE);
        reserve(2, OTHER);

        Written written =
                certificates.write(
                        Map.of(reservation(3, DEVICE), MANY, reservation(4, OTHER), MANY),
                        signed(1, 2),
                        NOW.plusSeconds(1));

        assertThat(written).isEqualTo(new Written(Map.of(), Set.of()));
        assertThat(status(1)).isEqualTo(CertificateStatus.VALID);
        assertThat(status(2)).isEqualTo(CertificateStatus.VALID);
        assertThat(status(3)).isEqualTo(CertificateStatus.RESERVED);
        assertThat(status(4)).isEqualTo(CertificateStatus.RESERVED);
        assertThat(registry.found(id(1)).issuance().orElseThrow().at())
                .isEqualTo(NOW.plusSeconds(1));
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(2, 0, 2));
    }

    @Test
    void ofEachIsToldWhatBecameOfIt() {
        DeviceId nobody = new DeviceId("pk1", "nobody");
        reserve(1, DEVICE);
        reserve(2, DEVICE);
        revocations.revoke(id(2), revocation(4));

        Written written =
                certificates.write(
                        Map.of(reservation(3, DEVICE), MANY, reservation(4, nobody), MANY),
                        signed(1, 2),
                        NOW);

        assertThat(written)
                .isEqualTo(
                        new Written(
                                Map.of(id(4), CertificateRefusal.DEVICE_UNKNOWN), Set.of(id(2))));
        assertThat(status(1)).isEqualTo(CertificateStatus.VALID);
        assertThat(status(2)).isEqualTo(CertificateStatus.REVOKED);
        assertThat(status(3)).isEqualTo(CertificateStatus.RESERVED);
        assertThat(certificates.find(id(4))).isEmpty();
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(1, 1, 1));
    }

    /** Whoever wrote them together does each by itself then. */
    @Test
    void ifOneIsNotRecordedNothingIsDone() {
        reserve(1, DEVICE);
        Map<Reservation, Integer> wanted = Map.of(reservation(2, DEVICE), MANY);

        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> certificates.write(wanted, signed(1, 9), NOW))
                .withMessageContaining(id(9).toString());

        assertThat(certificates.find(id(2))).isEmpty();
        assertThat(status(1)).isEqualTo(CertificateStatus.RESERVED);
        assertThat(certificates.findDer(id(1))).isEmpty();
        assertThat(certificates.count(NOW, YEAR)).isEqualTo(new CertificateCounts(0, 0, 0));

        assertThat(certificates.write(wanted, Map.of(), NOW).refused()).isEmpty();
        assertThat(certificates.write(Map.of(), signed(1), NOW).revoked()).isEmpty();
        assertThat(status(1)).isEqualTo(CertificateStatus.VALID);
        assertThat(status(2)).isEqualTo(CertificateStatus.RESERVED);
    }

    @Test
    void ifAnotherCertificateIsRecordedNothingIsDone() {
        registry.issue(1, DEVICE);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () ->
                                certificates.write(
                                        Map.of(reservation(2, DEVICE), MANY),
                                        Map.of(id(1), der(id(9))),
                                        NOW));

        assertThat(certificates.find(id(2))).isEmpty();
        assertThat(certificates.findDer(id(1)).orElseThrow()).isEqualTo(der(id(1)));
    }

    /** The limit is that of each, and those count that come in before it. */
    @Test
    void eachHasItsOwnLimitOfWhatItsDeviceMayHave() {
        reserve(10, DEVICE);
        Map<Reservation, Integer> wanted = new HashMap<>();
        wanted.put(reservation(1, DEVICE), 2);
        wanted.put(reservation(2, DEVICE), 2);
        wanted.put(reservation(3, DEVICE), 3);
        wanted.put(reservation(4, DEVICE), 3);
        wanted.put(reservation(5, OTHER), 1);
        wanted.put(reservation(6, OTHER), 1);

        assertThat(certificates.write(wanted, signed(10), NOW).refused())
                .isEqualTo(
                        Map.of(
                                id(2), CertificateRefusal.TOO_MANY,
                                id(4), CertificateRefusal.TOO_MANY,
                                id(6), CertificateRefusal.TOO_MANY));
        assertThat(status(10)).isEqualTo(CertificateStatus.VALID);
    }

    /** Whoever has not been told that it was recorded cannot renew by it. */
    @Test
    void nothingIsRenewedByWhatIsRecordedAtTheSameTime() {
        reserve(1, DEVICE);
        Map<Reservation, Integer> renewal = Map.of(renewing(reservation(2, DEVICE), id(1)), MANY);

        assertThat(certificates.write(renewal, signed(1), NOW).refused())
                .isEqualTo(Map.of(id(2), CertificateRefusal.NOT_RENEWABLE));
        assertThat(certificates.write(renewal, Map.of(), NOW).refused()).isEmpty();
    }

    @Test
    void bothTogetherAreNoMoreThanATransactionMayHave() {
        Map<Reservation, Integer> wanted = new HashMap<>();
        for (int serial = 1; serial <= CertificateRegistry.TOGETHER_MAX; serial++) {
            wanted.put(reservation(serial, DEVICE), MANY);
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> certificates.write(wanted, signed(2000), NOW))
                .withMessageContaining("1001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> certificates.write(Map.of(), Map.of(), NOW));
    }
}
