package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.ledger.Revocation;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {

    private final TestHierarchy test;
    private final CertificateAuthority authority;

    CertificateAuthorityTest(@TempDir Path folder) {
        test = new TestHierarchy(folder, new MemoryKeys());
        authority = test.authority();
    }

    private static Revocation revocation(LedgerEntry entry) {
        return Objects.requireNonNull(entry.revocation());
    }

    private LedgerEntry issue(CertificateOrder order) {
        return authority.issue("device-ec", order);
    }

    private Status status(LedgerEntry entry) {
        return test.ledger.find(entry.id()).orElseThrow().status();
    }

    @Test
    void theKeyOfADeviceIsNoKeyOfAnAuthority() {
        LedgerEntry device = issue(Orders.device("d1"));

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                authority.revoke(
                                        device.id(), RevocationReason.CA_COMPROMISE, "operator"))
                .withMessageContaining(device.id().toString())
                .withMessageContaining("KEY_COMPROMISE");
        assertThat(status(device)).isEqualTo(Status.VALID);
    }

    @Test
    void devicesAndServersGetTheirsFromIssuersOfTheirOwn() throws Exception {
        LedgerEntry device = issue(Orders.device("d1"));
        LedgerEntry server = authority.issue("server", Orders.server());

        assertThat(device.id().issuer()).hasToString("device-ec-g1");
        assertThat(server.id().issuer()).hasToString("server-g1");
        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, "server", Orders.device("d2"));
        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, "device-ec", Orders.server());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> authority.issue("device-rsa", Orders.device("d2")))
                .withMessageContaining("there are [root, device-ec, server]");
    }

    @Test
    void nobodyOrdersAnAuthority() {
        for (CertificateKind kind : List.of(CertificateKind.DEVICE_ISSUING, CertificateKind.ROOT)) {
            CertificateOrder order =
                    CertificateOrder.of(
                            IssuanceProfile.of(kind),
                            Subject.authority("Evil", null),
                            Orders.newKey(),
                            "evil");
            assertRefused(RefusalCode.ISSUER_UNAVAILABLE, "device-ec", order);
        }
    }

    @Test
    void anAuthoritysKeyIsNobodyElses() {
        PublicKey key = authority.hierarchy().active("server").key().publicKey();

        assertRefused(RefusalCode.KEY_REUSED, "device-ec", Orders.device("d1", key));
    }

    private void assertRefused(RefusalCode refusal, String name, CertificateOrder order) {
        assertThatExceptionOfType(RequestRefusedException.class)
                .isThrownBy(() -> authority.issue(name, order))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(refusal));
    }

    @Test
    void aRevocationIsForEverAndItsRepetitionTellsTheSame() {
        LedgerEntry entry = issue(Orders.device("d1"));

        LedgerEntry first = revoke(entry, RevocationReason.SUPERSEDED, "alice");
        test.clock.advance(Duration.ofHours(1));

        assertThat(revoke(entry, RevocationReason.KEY_COMPROMISE, "bob")).isEqualTo(first);
        assertThat(revoke(entry, RevocationReason.UNSPECIFIED, "bob")).isEqualTo(first);
        assertThat(first.status()).isEqualTo(Status.REVOKED);
        assertThat(first.certificate()).isEqualTo(entry.certificate());
        assertThat(test.ledger.find(entry.id())).contains(first);
    }

    @Test
    void aReasonIsAddedIfOthersKnowTheKey() {
        LedgerEntry entry = issue(Orders.device("d1"));
        LedgerEntry first = revoke(entry, RevocationReason.UNSPECIFIED, "alice");
        test.clock.advance(Duration.ofHours(1));

        assertThat(revoke(entry, RevocationReason.SUPERSEDED, "bob")).isEqualTo(first);
        assertThat(revoke(entry, RevocationReason.KEY_COMPROMISE, "carol").revocation())
                .isEqualTo(
                        new Revocation(
                                revocation(first).time(),
                                RevocationReason.KEY_COMPROMISE,
                                "carol"));
        assertThat(revocation(revoke(entry, RevocationReason.UNSPECIFIED, "dave")).reason())
                .isEqualTo(RevocationReason.KEY_COMPROMISE);
    }

    private LedgerEntry revoke(LedgerEntry entry, RevocationReason reason, String actor) {
        return authority.revoke(entry.id(), reason, actor).orElseThrow();
    }

    @Test
    void whatThereIsNotIsNotRevoked() {
        CertificateId none = new CertificateId(new IssuerId("device-ec", 1), new SerialNumber(1));

        assertThat(authority.revoke(none, RevocationReason.UNSPECIFIED, "alice")).isEmpty();
    }

    @Test
    void aRenewedCertificateIsSupersededWhenItsSuccessorIsInUse() {
        LedgerEntry old = issue(Orders.device("d1"));
        LedgerEntry renewed = issue(Orders.device("d1").withRenewedFrom(old.id()));
        assertThat(status(old)).isEqualTo(Status.VALID);

        LedgerEntry superseded = authority.supersede(old.id(), renewed.id(), "ca");

        assertThat(revocation(superseded).reason()).isEqualTo(RevocationReason.SUPERSEDED);
        assertThat(status(renewed)).isEqualTo(Status.VALID);
    }

    @Test
    void nothingTakesThePlaceOfAnothersCertificate() {
        LedgerEntry of1 = issue(Orders.device("d1"));
        LedgerEntry of2 = issue(Orders.device("d2"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> authority.supersede(of1.id(), of2.id(), "ca"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> authority.supersede(of1.id(), of1.id(), "ca"));
        assertThat(status(of1)).isEqualTo(Status.VALID);
    }

    @Test
    void allOfAnOwnerAreRevokedAtOnce() {
        issue(Orders.device("d1").withLife(Duration.ofDays(1)));
        test.clock.advance(Duration.ofDays(2));
        LedgerEntry one = issue(Orders.device("d1"));
        LedgerEntry other = issue(Orders.device("d1"));
        LedgerEntry of2 = issue(Orders.device("d2"));

        List<LedgerEntry> revoked =
                authority.revokeAll("pk/d1", RevocationReason.CESSATION_OF_OPERATION, "alice");

        assertThat(revoked)
                .extracting(LedgerEntry::id)
                .containsExactlyInAnyOrder(one.id(), other.id());
        assertThat(status(of2)).isEqualTo(Status.VALID);
    }

    @Test
    void aKnownKeyTakesWithItWhatWasRenewedByIt() {
        CertificateOrder stolen = Orders.device("d1");
        LedgerEntry first = issue(stolen);
        LedgerEntry second = issue(Orders.device("d1").withRenewedFrom(first.id()));
        CertificateOrder bySecond = Orders.device("d1").withRenewedFrom(second.id());
        LedgerEntry third = issue(bySecond);
        LedgerEntry bySecret = issue(Orders.device("d1"));

        List<LedgerEntry> revoked = authority.revokeKey(KeyHash.of(stolen.key()), "alice");

        assertThat(revoked)
                .extracting(LedgerEntry::id)
                .containsExactly(first.id(), second.id(), third.id());
        assertThat(status(bySecret)).isEqualTo(Status.VALID);
        assertRefused(RefusalCode.KEY_COMPROMISED, "device-ec", stolen);
        assertRefused(RefusalCode.KEY_COMPROMISED, "device-ec", bySecond);
    }

    @Test
    void revokedOnesAreListedSomeAtATime() {
        IssuerId issuer = new IssuerId("device-ec", 1);
        for (int i = 0; i < 5; i++) {
            revoke(issue(Orders.device("d" + i)), RevocationReason.UNSPECIFIED, "alice");
        }
        issue(Orders.device("valid"));

        List<LedgerEntry> some = test.ledger.findRevoked(issuer, null, 3);
        List<LedgerEntry> others = test.ledger.findRevoked(issuer, some.get(2).id().serial(), 3);

        assertThat(some).hasSize(3);
        assertThat(others).hasSize(2).doesNotContainAnyElementsOf(some);
    }
}
