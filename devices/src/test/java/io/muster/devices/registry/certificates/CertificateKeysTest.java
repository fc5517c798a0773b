package io.muster.devices.registry.certificates;

import static io.muster.devices.registry.certificates.CertificateFixture.DEVICE;
import static io.muster.devices.registry.certificates.CertificateFixture.ISSUER;
import static io.muster.devices.registry.certificates.CertificateFixture.MANY;
import static io.muster.devices.registry.certificates.CertificateFixture.NOW;
import static io.muster.devices.registry.certificates.CertificateFixture.OTHER;
import static io.muster.devices.registry.certificates.CertificateFixture.ROOT;
import static io.muster.devices.registry.certificates.CertificateFixture.SERVER;
import static io.muster.devices.registry.certificates.CertificateFixture.externalReservation;
import static io.muster.devices.registry.certificates.CertificateFixture.hash;
import static io.muster.devices.registry.certificates.CertificateFixture.id;
import static io.muster.devices.registry.certificates.CertificateFixture.ofKind;
import static io.muster.devices.registry.certificates.CertificateFixture.owner;
import static io.muster.devices.registry.certificates.CertificateFixture.provedBy;
import static io.muster.devices.registry.certificates.CertificateFixture.reservation;
import static io.muster.devices.registry.certificates.CertificateFixture.revocation;
import static io.muster.devices.registry.certificates.CertificateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateKind;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.certificate.Owner;
import io.muster.devices.certificate.Reservation;
import io.muster.devices.certificate.Revocation;
import io.muster.devices.certificate.Sha256;
import io.muster.devices.registry.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose a key is, and that it is nobody's any more once others may have it. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
class CertificateKeysTest extends CertificateTables {

    private final TestDatabase kind;

    CertificateKeysTest(TestDatabase kind) {
        super(kind);
        this.kind = kind;
    }

    private Optional<CertificateRefusal> reserve(Reservation reservation) {
        return certificates.reserve(reservation, MANY);
    }

    private Optional<Revocation> revocationOf(long serial) {
        return registry.found(id(serial)).revocation();
    }

    @Test
    void aKeyIsOfOneOwnerForEver() {
        Sha256 key = registry.found(registry.issue(1, DEVICE)).reservation().publicKey();
        revocations.revoke(id(1), revocation(Revocation.SUPERSEDED));

        assertThat(reserve(withKey(reservation(2, OTHER), key)))
                .contains(CertificateRefusal.KEY_OF_ANOTHER);
        assertThat(
                        reserve(
                                withKey(
                                        ofKind(
                                                reservation(2, DEVICE),
                                                CertificateKind.SERVER,
                                                SERVER),
                                        key)))
                .contains(CertificateRefusal.KEY_OF_ANOTHER);
        assertThat(
                        certificates.bind(
                                Map.of(withKey(externalReservation(2, OTHER), key), hash("x")),
                                MANY))
                .containsValue(CertificateRefusal.KEY_OF_ANOTHER);
        assertThat(reserve(withKey(reservation(2, DEVICE), key))).isEmpty();
    }

    @Test
    void theKeyOfAnAuthorityIsNoServersAndBothMayBeRenewedWithTheirs() {
        Reservation authority = ofKind(reservation(1, DEVICE), CertificateKind.ROOT, ROOT);
        Reservation server = ofKind(reservation(2, DEVICE), CertificateKind.SERVER, SERVER);
        registry.issue(authority);
        registry.issue(server);
        Sha256 key = authority.publicKey();
        Reservation third = reservation(3, DEVICE);

        for (Reservation other :
                List.of(
                        ofKind(third, CertificateKind.SERVER, SERVER),
                        ofKind(third, CertificateKind.SERVER, new Owner.Server("root-g1")),
                        ofKind(third, CertificateKind.ROOT, new Owner.Authority("root-g2")))) {
            assertThat(reserve(withKey(other, key))).contains(CertificateRefusal.KEY_OF_ANOTHER);
        }
        assertThat(reserve(withKey(ofKind(third, CertificateKind.CROSS, ROOT), key))).isEmpty();
        assertThat(
                        reserve(
                                withKey(
                                        ofKind(
                                                reservation(5, DEVICE),
                                                CertificateKind.SERVER,
                                                SERVER),
                                        server.publicKey())))
                .isEmpty();
    }

    @Test
    void theCertificatesOfAnAuthorityAreItsOwnWhateverADeviceIsCalled() {
        registry.issue(ofKind(reservation(1, DEVICE), CertificateKind.ROOT, ROOT));
        registry.issue(2, DEVICE);

        assertThat(certificates.findLive(ROOT, NOW, 10))
                .extracting(Certificate::id)
                .containsExactly(id(1));
        assertThat(certificates.findLive(new Owner.Server("root-g1"), NOW, 10)).isEmpty();
        assertThat(certificates.findLive(owner(new DeviceId("authority", "root-g1")), NOW, 10))
                .isEmpty();
        assertThat(registry.found(id(1)).owner()).isEqualTo(ROOT);
    }

    @Test
    void aKeyThatWasCompromisedIsNobodysAnyMore() {
        Sha256 key = registry.found(registry.issue(1, DEVICE)).reservation().publicKey();
        assertThat(certificates.isCompromised(key)).isFalse();
        revocations.revoke(id(1), revocation(Revocation.KEY_COMPROMISE));

        assertThat(certificates.isCompromised(key)).isTrue();
        assertThat(reserve(withKey(reservation(2, DEVICE), key)))
                .contains(CertificateRefusal.KEY_COMPROMISED);
        assertThat(certificates.isCompromised(hash("another"))).isFalse();
    }

    /** It was superseded, and only later somebody finds out that it had been stolen before. */
    @Test
    void aKeyThatIsCompromisedAfterItsCertificateWasRevokedIsNobodysAnyMore() {
        Sha256 key = registry.found(registry.issue(1, DEVICE)).reservation().publicKey();
        revocations.revoke(id(1), revocation(Revocation.SUPERSEDED));

        CertificateRevocations.Revoked told =
                revocations.revoke(id(1), revocation(Revocation.KEY_COMPROMISE));

        assertThat(told.changed()).isEmpty();
        assertThat(told.certificate().revocation()).contains(revocation(Revocation.SUPERSEDED));
        assertThat(certificates.isCompromised(key)).isTrue();
        assertThat(reserve(withKey(reservation(2, DEVICE), key)))
                .contains(CertificateRefusal.KEY_COMPROMISED);
    }

    /** A key that was found on the net, before anybody asked for a certificate of it. */
    @Test
    void aKeyWithoutACertificateCanBeCompromised() {
        assertThat(revocations.revokeKey(hash("leaked"), revocation(1))).isEmpty();

        assertThat(certificates.isCompromised(hash("leaked"))).isTrue();
        assertThat(reserve(withKey(reservation(1, DEVICE), hash("leaked"))))
                .contains(CertificateRefusal.KEY_COMPROMISED);
        assertThat(revocations.revokeKey(hash("lost"), revocation(5))).isEmpty();
        assertThat(certificates.isCompromised(hash("lost"))).isFalse();
    }

    @Test
    void theCompromiseOfOneCertificateTakesTheOthersOfItsKeyAlong() {
        registry.issue(withKey(reservation(1, DEVICE), hash("key")));
        registry.issue(withKey(reservation(2, DEVICE), hash("key")));
        registry.issue(3, DEVICE);

        assertThat(revocations.revoke(id(1), revocation(1)).changed())
                .containsExactlyInAnyOrder(id(1), id(2));

        assertThat(revocationOf(2)).contains(revocation(1));
        assertThat(revocationOf(3)).isEmpty();
        assertThat(revocations.revokeSome(DEVICE, revocation(1), Optional.empty(), 10).revoked())
                .containsExactly(id(3));
        assertThat(certificates.isCompromised(hash("key 3"))).isTrue();
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

        assertThat(revocationOf(1)).contains(revocation(0).followedBy(revocation(1)));
        assertThat(revocationOf(2)).contains(revocation(4));
        assertThat(revocationOf(3)).contains(revocation(1));
        assertThat(revocationOf(5)).isEmpty();
        assertThat(certificates.reserve(withKey(reservation(7, DEVICE), hash("key")), MANY))
                .contains(CertificateRefusal.KEY_COMPROMISED);
        assertThat(revocations.revokeKey(hash("key"), revocation(1))).isEmpty();
    }

    /**
     * PostgreSQL takes 65,535 arguments in a statement; of SQLite it is shown that parts are
     * joined.
     */
    @Test
    void aCompromisedKeyMayHaveMoreCertificatesThanAStatementCanName() {
        int many = kind == TestDatabase.POSTGRESQL ? 66_000 : 1200;
        registry.fill(many, ISSUER, hash("key"), "2");
        registry.issue(withKey(reservation(1, DEVICE), hash("key")));
        assertThat(reserve(provedBy(reservation(2, DEVICE), id(1)))).isEmpty();

        assertThat(revocations.revokeKey(hash("key"), revocation(1)))
                .containsExactlyInAnyOrder(id(1), id(2));
        assertThat(revocationOf(2)).contains(revocation(1).withoutReason());
    }
}
