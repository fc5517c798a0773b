package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.by;
import static io.muster.devices.registry.certificates.CertificateFixture.der;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.owner;
import static io.muster.devices.registry.certificates.CertificateFixture.provedBy;
import static io.muster.devices.registry.certificates.CertificateFixture.renewing;
import static io.muster.devices.registry.certificates.CertificateFixture.replacing;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.until;
import static io.muster.devices.registry.certificates.CertificateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.CertificateStatus;
import io.muster.devices.certificate.IssuanceRequest;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates that are asked for again, or by means of others. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateRenewalTest extends CertificateTables {

    CertificateRenewalTest(TestDatabase kind) {
        super(kind);
    }

    private Optional<CertificateRefusal> reserve(Reservation reservation) {
        return certificates.reserve(reservation, MANY);
    }

    private Optional<Revocation> revocationOf(long serial) {
        return registry.found(id(serial)).revocation();
    }

    @Test
    void aRenewedCertificateKnowsWhatTookItsPlace() {
        registry.issue(1, DEVICE);
        Reservation next = renewing(reservation(2, DEVICE), id(1));
        assertThat(reserve(next)).isEmpty();
        assertThat(registry.found(id(1)).supersededBy()).isEmpty();

        assertThat(certificates.record(id(2), der(id(2)), NOW)).isTrue();

        assertThat(registry.found(id(1)).supersededBy()).contains(id(2));
        assertThat(registry.found(id(1)).status()).isEqualTo(CertificateStatus.VALID);
        assertThat(registry.found(id(2)).reservation()).isEqualTo(next);
    }

    @Test
    void aRequestThatIsSentAgainFindsItsCertificate() {
        IssuanceRequest request = new IssuanceRequest("anna", NOW, Optional.of("request 1"));
        Sha256 key = hash("key");
        registry.issue(withKey(by(reservation(1, DEVICE), request), key));
        Reservation again = withKey(by(reservation(2, DEVICE), request), key);

        assertThat(reserve(again)).contains(CertificateRefusal.ALREADY_REQUESTED);
        assertThat(found(DEVICE, key, "request 1")).contains(id(1));

        assertThat(found(DEVICE, hash("another"), "request 1")).isEmpty();
        assertThat(found(OTHER, key, "request 1")).isEmpty();
        assertThat(found(DEVICE, key, "request 2")).isEmpty();
        assertThat(reserve(by(reservation(3, DEVICE), request))).isEmpty();
    }

    @Test
    void aRequestWhoseCertificateIsRevokedOrExpiredBringsAnother() {
        IssuanceRequest request = new IssuanceRequest("anna", NOW, Optional.of("request 1"));
        Sha256 key = hash("key");
        registry.issue(withKey(by(reservation(1, DEVICE), request), key));
        revocations.revoke(id(1), revocation(Revocation.SUPERSEDED));
        assertThat(found(DEVICE, key, "request 1")).isEmpty();

        registry.issue(
                until(withKey(by(reservation(2, DEVICE), request), key), NOW.minusSeconds(1)));
        assertThat(found(DEVICE, key, "request 1")).isEmpty();

        registry.issue(withKey(by(reservation(3, DEVICE), request), key));
        assertThat(found(DEVICE, key, "request 1")).contains(id(3));
    }

    @Test
    void aRequestThatBroughtNoCertificateMayBeSentAgain() {
        IssuanceRequest request = new IssuanceRequest("anna", NOW, Optional.of("request 1"));
        Reservation first = by(withKey(reservation(1, DEVICE), hash("key")), request);
        Reservation again = by(withKey(reservation(2, DEVICE), hash("key")), request);
        assertThat(reserve(first)).isEmpty();
        assertThat(reserve(again)).contains(CertificateRefusal.ALREADY_REQUESTED);

        assertThat(revocations.revokeReserved(id(1), revocation(0))).isTrue();

        assertThat(found(DEVICE, hash("key"), "request 1")).isEmpty();
        assertThat(reserve(again)).isEmpty();
    }

    private Optional<CertificateId> found(DeviceId device, Sha256 key, String request) {
        return certificates.findRequested(owner(device), key, request, NOW).map(Certificate::id);
    }

    @Test
    void whatIsNotValidAnyMoreRenewsNothing() {
        registry.issue(1, DEVICE);
        registry.issue(until(reservation(2, DEVICE), NOW.minusSeconds(1)));
        registry.issue(3, OTHER);
        assertThat(reserve(reservation(4, DEVICE))).isEmpty();
        revocations.revoke(id(1), revocation(Revocation.CESSATION_OF_OPERATION));

        for (long before = 1; before <= 5; before++) {
            assertThat(reserve(provedBy(reservation(9, DEVICE), id(before))))
                    .as("revoked, expired, another's, reserved or unknown: %d", before)
                    .contains(CertificateRefusal.NOT_RENEWABLE);
            assertThat(reserve(replacing(reservation(9, DEVICE), id(before))))
                    .as("in the place of it: %d", before)
                    .contains(CertificateRefusal.NOT_RENEWABLE);
        }
        assertThat(reserve(renewing(reservation(9, OTHER), id(3)))).isEmpty();
    }

    /** A thief renews with the stolen key, and is overtaken by the revocation of it. */
    @Test
    void whatIsReservedByMeansOfACompromisedKeyIsNeverValid() {
        registry.issue(1, DEVICE);
        registry.issue(2, DEVICE);
        assertThat(reserve(renewing(reservation(3, DEVICE), id(1)))).isEmpty();
        assertThat(reserve(renewing(reservation(4, DEVICE), id(2)))).isEmpty();
        revocations.revoke(id(1), revocation(Revocation.SUPERSEDED));
        assertThat(revocationOf(3)).isEmpty();

        assertThat(revocations.revoke(id(1), revocation(Revocation.KEY_COMPROMISE)).changed())
                .containsExactly(id(3));

        assertThat(certificates.record(id(3), der(id(3)), NOW)).isFalse();
        assertThat(revocationOf(3)).contains(revocation(1).withoutReason());
        assertThat(certificates.isCompromised(hash("key 3"))).isFalse();
        assertThat(certificates.record(id(4), der(id(4)), NOW)).isTrue();
    }

    @Test
    void whatWasGotByMeansOfACertificateIsFoundByIt() {
        registry.issue(1, DEVICE);
        registry.issue(renewing(reservation(2, DEVICE), id(1)));
        registry.issue(renewing(reservation(4, DEVICE), id(1)));
        assertThat(reserve(renewing(reservation(3, DEVICE), id(1)))).isEmpty();
        registry.issue(renewing(reservation(5, DEVICE), id(2)));
        revocations.revoke(id(2), revocation(4));

        assertThat(renewed(1, NOW, Optional.empty())).containsExactly(id(2), id(3));
        assertThat(renewed(1, NOW, Optional.of(id(3)))).containsExactly(id(4));
        assertThat(renewed(2, Instant.MIN, Optional.empty())).containsExactly(id(5));
        assertThat(renewed(1, NOW.plusMillis(1), Optional.empty())).isEmpty();
    }

    private List<CertificateId> renewed(long by, Instant since, Optional<CertificateId> after) {
        return certificates.findRenewedByKey(hash("key " + by), since, after, 2).stream()
                .map(Certificate::id)
                .toList();
    }

    @Test
    void aCertificateIsReplacedWhenItsSuccessorIsUsedForTheFirstTime() {
        CertificateId old = registry.issue(1, DEVICE);
        CertificateId next = registry.issue(renewing(reservation(2, DEVICE), old));
        assertThat(replacedBefore(NOW.plusSeconds(1000))).isEmpty();

        certificates.markUsed(Set.of(next), NOW.plusSeconds(10));
        certificates.markUsed(Set.of(next), NOW.plusSeconds(20));

        assertThat(replacedBefore(NOW.plusSeconds(10))).isEmpty();
        assertThat(replacedBefore(NOW.plusSeconds(11))).containsExactly(old);
        revocations.revoke(old, revocation(Revocation.SUPERSEDED));
        assertThat(replacedBefore(NOW.plusSeconds(1000))).isEmpty();
    }

    @Test
    void aCertificateIsReplacedByOneThatWasNotAskedForByItsMeansToo() {
        CertificateId old = registry.issue(1, DEVICE);
        CertificateId next = registry.issue(replacing(reservation(2, DEVICE), old));

        certificates.markUsed(Set.of(next), NOW);

        assertThat(replacedBefore(NOW.plusSeconds(1))).containsExactly(old);
        assertThat(registry.found(next).reservation().renews()).isEmpty();
    }

    /** It proves who asks; what it was asked for is another one. */
    @Test
    void whatProvesWhoAsksStaysUnlessItIsReplaced() {
        CertificateId proof = registry.issue(1, DEVICE);
        CertificateId old = registry.issue(2, DEVICE);
        CertificateId next =
                registry.issue(replacing(provedBy(reservation(3, DEVICE), proof), old));

        certificates.markUsed(Set.of(next), NOW);

        assertThat(replacedBefore(NOW.plusSeconds(1))).containsExactly(old);
        assertThat(registry.found(proof).supersededBy()).isEmpty();
        assertThat(renewed(1, NOW, Optional.empty())).containsExactly(next);
    }

    /** As when the process ends between the two. */
    @Test
    void whatIsReservedAndNeverRecordedTakesNoPlace() {
        CertificateId old = registry.issue(1, DEVICE);
        assertThat(reserve(replacing(reservation(2, DEVICE), old))).isEmpty();

        revocations.revokeReserved(id(2), revocation(0));

        assertThat(registry.found(old).supersededBy()).isEmpty();
        CertificateId next = registry.issue(replacing(reservation(3, DEVICE), old));
        assertThat(registry.found(old).supersededBy()).contains(next);
    }

    private List<CertificateId> replacedBefore(Instant time) {
        return certificates.findReplaced(time, 10).stream().map(Certificate::id).toList();
    }

    @Test
    void aCertificateIsFoundByItsOwnerAndItsSerialNumber() {
        CertificateId own = registry.issue(1, DEVICE);

        assertThat(certificates.findBySerial(owner(DEVICE), own.serial()))
                .extracting(Certificate::id)
                .containsExactly(own);
        assertThat(certificates.findBySerial(owner(OTHER), own.serial())).isEmpty();
    }
}
