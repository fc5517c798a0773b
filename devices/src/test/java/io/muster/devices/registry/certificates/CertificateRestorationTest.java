package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.YEAR;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.serials;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.ListedRevocation;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.RevokedCertificate;
import io.muster.devices.certificate.RevokedCertificate.Position;
import io.muster.devices.registry.TestDatabase;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is known again after an older database was put in the place of one that was lost. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateRestorationTest extends CertificateTables {

    private static final Comparator<Position> ORDER =
            Comparator.comparing(Position::number).thenComparing(Position::serial);

    CertificateRestorationTest(TestDatabase kind) {
        super(kind);
    }

    private Optional<CertificateRefusal> reserve(Reservation reservation) {
        return certificates.reserve(reservation, MANY);
    }

    private Optional<Revocation> revocationOf(long serial) {
        return registry.found(id(serial)).revocation();
    }

    private static ListedRevocation listed(long serial, int reason) {
        return new ListedRevocation(
                id(serial).serial(), NOW.minusSeconds(serial), reason, NOW.plus(YEAR));
    }

    private static Revocation adopted(long serial, int reason) {
        return new Revocation(NOW.minusSeconds(serial), reason, "restorer");
    }

    private List<CertificateId> adopt(ListedRevocation... listed) {
        return revocations.adopt(ISSUER, List.of(listed), "restorer");
    }

    @Test
    void whatACrlTellsOfKnownCertificatesIsTrueHere() {
        for (int serial = 1; serial <= 4; serial++) {
            registry.issue(serial, DEVICE);
        }
        revocations.revoke(id(2), revocation(5));
        revocations.revoke(id(3), revocation(0));

        assertThat(adopt(listed(1, 4), listed(2, 1), listed(3, 1)))
                .containsExactlyInAnyOrder(id(1), id(3));

        assertThat(revocationOf(1)).contains(adopted(1, 4));
        assertThat(revocationOf(2)).contains(revocation(5));
        assertThat(revocationOf(3)).contains(revocation(0).followedBy(adopted(3, 1)));
        assertThat(revocationOf(4)).isEmpty();
        assertThat(certificates.isCompromised(hash("key 2"))).isTrue();
        assertThat(certificates.isCompromised(hash("key 1"))).isFalse();
        assertThat(adopt(listed(1, 4), listed(2, 1), listed(3, 1))).isEmpty();
    }

    @Test
    void whatACrlTellsOfUnknownCertificatesIsToldAgain() {
        for (int serial = 1; serial <= 3; serial++) {
            registry.issue(serial, DEVICE);
        }
        revocations.revoke(id(1), revocation(4));
        assertThat(adopt(listed(8, 1), listed(2, 3), listed(7, 0)))
                .containsExactlyInAnyOrder(id(2), id(7), id(8));
        revocations.revoke(id(3), revocation(4));

        List<RevokedCertificate> revoked = registry.revoked(ISSUER, Position.BEGIN, 2);

        assertThat(serials(revoked))
                .containsExactly(
                        id(1).serial(),
                        id(2).serial(),
                        id(7).serial(),
                        id(8).serial(),
                        id(3).serial());
        assertThat(revoked).extracting(RevokedCertificate::position).isSortedAccordingTo(ORDER);
        assertThat(revoked.get(3).at()).isEqualTo(adopted(8, 1).at());
        assertThat(revoked.get(3).reason()).isEqualTo(1);
        assertThat(revoked.get(3).notAfter()).isEqualTo(NOW.plus(YEAR));
        assertThat(registry.revoked("devices-g2", Position.BEGIN, 10)).isEmpty();
        assertThat(adopt(listed(7, 0), listed(8, 1))).isEmpty();
        assertThat(registry.revoked(ISSUER, Position.BEGIN, 10)).isEqualTo(revoked);
    }

    @Test
    void aSerialNumberThatWasAdoptedIsNotGivenAgain() {
        adopt(listed(7, 0));

        assertThat(reserve(reservation(7, DEVICE)))
                .contains(CertificateRefusal.SERIAL_NUMBER_TAKEN);
        assertThat(certificates.find(id(7))).isEmpty();
    }

    @Test
    void amongSerialNumbersThoseThatAreRevokedAreFound() {
        registry.issue(1, DEVICE);
        registry.issue(2, DEVICE);
        revocations.revoke(id(2), revocation(4));
        adopt(listed(7, 0));
        List<String> asked =
                List.of(id(1).serial(), id(2).serial(), id(7).serial(), id(9).serial());

        assertThat(revocations.findRevoked(ISSUER, asked))
                .containsExactlyInAnyOrder(id(2).serial(), id(7).serial());
        assertThat(revocations.findRevoked("devices-g2", asked)).isEmpty();
    }

    @Test
    void theNextCrlHasAGreaterNumberThanAllThatWerePublished() {
        assertThat(revocations.raiseCrlNumber(ISSUER, 3, 41)).isEqualTo(41);
        assertThat(revocations.nextCrlNumber(ISSUER, 3)).isEqualTo(42);

        assertThat(revocations.raiseCrlNumber(ISSUER, 3, 41)).isEqualTo(42);
        assertThat(revocations.nextCrlNumber(ISSUER, 3)).isEqualTo(43);
        assertThat(revocations.raiseCrlNumber(ISSUER, 3, 50)).isEqualTo(50);
        assertThat(revocations.nextCrlNumber(ISSUER, 3)).isEqualTo(51);
        assertThat(revocations.lastCrlNumber(ISSUER, 4)).isZero();
    }

    @Test
    void atOnceSoManyAreTakenOverAndNoMore() {
        assertThatIllegalArgumentException().isThrownBy(this::adopt);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                adopt(
                                        Collections.nCopies(1001, listed(1, 0))
                                                .toArray(ListedRevocation[]::new)))
                .withMessageContaining("1001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> revocations.adopt("a b", List.of(listed(1, 0)), "restorer"));
    }
}
