package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.external;
import static io.muster.devices.registry.certificates.CertificateFixture.externalReservation;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.certificates.GoodCertificates.Page;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class GoodCertificatesTest extends CertificateTables {

    GoodCertificatesTest(TestDatabase kind) {
        super(kind);
    }

    private GoodCertificates good() {
        return new GoodCertificates(registry.database);
    }

    private static String serial(long number) {
        return id(number).serial();
    }

    /** Number 3 is revoked, number 4 is reserved only. */
    private void issueSome() {
        registry.issue(1, DEVICE);
        registry.issue(2, OTHER);
        registry.issue(3, DEVICE);
        revocations.revoke(id(3), revocation(4));
        assertThat(certificates.reserve(reservation(4, OTHER), MANY)).isEmpty();
        assertThat(certificates.bind(external(5, DEVICE), MANY)).isEmpty();
    }

    @Test
    void thoseOfOneIssuerThatAreRecordedAndNeitherRevokedNorExpired() {
        issueSome();
        assertThat(good().page(ISSUER, GoodCertificates.BEGIN, NOW, MANY))
                .isEqualTo(page(Optional.empty(), serial(1), serial(2)));
        assertThat(good().page(ISSUER, serial(1), NOW, MANY))
                .isEqualTo(page(Optional.empty(), serial(2)));
        assertThat(good().page(ISSUER, GoodCertificates.BEGIN, NOW.plus(YEAR.multipliedBy(2)), 9))
                .isEqualTo(page(Optional.empty()));
        assertThat(good().count(ISSUER)).isEqualTo(2);
        assertThat(good().count("nobody")).isZero();
    }

    private static Page page(Optional<String> next, String... good) {
        return new Page(List.of(good), next);
    }

    /** Or one page would read all that a revoked issuer ever issued. */
    @Test
    void aPageLooksAtNoMoreThanItsLimitWhetherTheyAreGoodOrNot() {
        issueSome();
        assertThat(good().page(ISSUER, GoodCertificates.BEGIN, NOW, 1))
                .isEqualTo(page(Optional.of(serial(1)), serial(1)));
        assertThat(good().page(ISSUER, serial(1), NOW, 2))
                .isEqualTo(page(Optional.of(serial(3)), serial(2)));
        assertThat(good().page(ISSUER, serial(2), NOW, 1)).isEqualTo(page(Optional.of(serial(3))));
        assertThat(good().page(ISSUER, serial(4), NOW, 1)).isEqualTo(page(Optional.empty()));
    }

    @Test
    void thoseAmongSerialNumbersThatOthersTell() {
        issueSome();
        List<String> told = LongStream.rangeClosed(1, MANY).mapToObj(id -> serial(id)).toList();
        assertThat(good().among(ISSUER, told, NOW)).containsExactlyInAnyOrder(serial(1), serial(2));
        assertThat(good().among(externalReservation(5, DEVICE).id().issuer(), told, NOW))
                .containsExactly(externalReservation(5, DEVICE).id().serial());
        assertThatIllegalArgumentException().isThrownBy(() -> good().among(ISSUER, List.of(), NOW));
    }
}
