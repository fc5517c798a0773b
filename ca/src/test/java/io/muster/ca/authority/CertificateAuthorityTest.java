package io.muster.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.Subject;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.LedgerEntry.Status;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.ledger.Revoked;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
                    CertificateOrder.ofProvenKey(
                            IssuanceProfile.of(kind),
                            Subject.authority("Evil", null),
                            Orders.newKey(),
                            new Owner.Authority(new IssuerId("evil", 1)),
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

        Revoked done =
                authority.revoke(entry.id(), RevocationReason.SUPERSEDED, "alice").orElseThrow();
        LedgerEntry first = done.entry();
        test.clock.advance(Duration.ofHours(1));

        assertThat(done.changed()).containsExactly(entry.id());
        assertThat(authority.revoke(entry.id(), RevocationReason.KEY_COMPROMISE, "bob"))
                .contains(new Revoked(first, Set.of()));
        assertThat(authority.revoke(entry.id(), RevocationReason.UNSPECIFIED, "bob"))
                .contains(new Revoked(first, Set.of()));
        assertThat(test.acts.about("revocation")).hasSize(1);
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
        return authority.revoke(entry.id(), reason, actor).orElseThrow().entry();
    }

    @Test
    void whatThereIsNotIsNotRevoked() {
        CertificateId none = new CertificateId(new IssuerId("device-ec", 1), new SerialNumber(1));

        assertThat(authority.revoke(none, RevocationReason.UNSPECIFIED, "alice")).isEmpty();
    }

    @Test
    void aRenewedCertificateIsSupersededWhenItsSuccessorIsInUse() {
        LedgerEntry old = issue(Orders.device("d1"));
        LedgerEntry renewed = issue(Orders.device("d1").withRenewedFrom(old.id().toString()));
        assertThat(status(old)).isEqualTo(Status.VALID);

        LedgerEntry superseded = authority.supersede(old.id(), renewed.id(), "ca").entry();

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

        Set<CertificateId> revoked =
                authority.revokeAll(
                        Orders.owner("d1"), RevocationReason.CESSATION_OF_OPERATION, "alice");

        assertThat(revoked).containsExactlyInAnyOrder(one.id(), other.id());
        assertThat(status(of2)).isEqualTo(Status.VALID);
    }

    @Test
    void aKnownKeyTakesWithItWhatWasRenewedByIt() {
        CertificateOrder stolen = Orders.device("d1");
        LedgerEntry first = issue(stolen);
        LedgerEntry second = issue(Orders.device("d1").withRenewedFrom(first.id().toString()));
        CertificateOrder bySecond = Orders.device("d1").withRenewedFrom(second.id().toString());
        LedgerEntry third = issue(bySecond);
        LedgerEntry bySecret = issue(Orders.device("d1"));
        revoke(first, RevocationReason.SUPERSEDED, "alice");

        Set<CertificateId> revoked =
                authority.revokeKey(KeyHash.of(stolen.key()), Instant.MIN, "alice");

        assertThat(revoked).containsExactlyInAnyOrder(second.id(), third.id());
        assertThat(status(bySecret)).isEqualTo(Status.VALID);
        assertRefused(RefusalCode.KEY_COMPROMISED, "device-ec", stolen);
        assertRefused(
                RefusalCode.KEY_COMPROMISED, "device-ec", Orders.device("d1", bySecond.key()));
        assertThat(authority.revokeKey(KeyHash.of(stolen.key()), Instant.MIN, "alice")).isEmpty();
    }

    @Test
    void whatWasRenewedBeforeOthersHadTheKeyStays() {
        CertificateOrder stolen = Orders.device("d1");
        LedgerEntry first = issue(stolen);
        LedgerEntry before = issue(Orders.device("d1").withRenewedFrom(first.id().toString()));
        test.clock.advance(Duration.ofHours(1));
        LedgerEntry after = issue(Orders.device("d1").withRenewedFrom(first.id().toString()));

        Revoked revoked =
                authority
                        .revoke(
                                first.id(),
                                RevocationReason.KEY_COMPROMISE,
                                test.clock.instant(),
                                "alice")
                        .orElseThrow();

        assertThat(revoked.changed()).containsExactlyInAnyOrder(first.id(), after.id());
        assertThat(status(before)).isEqualTo(Status.VALID);
        assertThat(test.acts.about("revocation")).hasSize(2);
    }

    @Test
    void aKeyWithoutACertificateIsRefusedOnceOthersKnowIt() {
        CertificateOrder order = Orders.device("d1");

        assertThat(authority.revokeKey(KeyHash.of(order.key()), Instant.MIN, "alice")).isEmpty();

        assertRefused(RefusalCode.KEY_COMPROMISED, "device-ec", order);
    }

    @Test
    void whatIsAnAuthoritysIsRevokedByWhoeverMeansJustThat() {
        Issuer issuer = authority.hierarchy().active("device-ec");
        CertificateId id =
                new CertificateId(new IssuerId("root", 1), issuer.certificate().serial());
        LedgerEntry device = issue(Orders.device("d1"));
        KeyHash key = issuer.certificate().keyHash();

        assertNoAuthority(
                () -> authority.revoke(id, RevocationReason.SUPERSEDED, "alice"), id.toString());
        assertNoAuthority(() -> authority.revokeKey(key, Instant.MIN, "alice"), id.toString());
        assertNoAuthority(
                () ->
                        authority.revokeAll(
                                new Owner.Authority(issuer.id()),
                                RevocationReason.SUPERSEDED,
                                "alice"),
                issuer.id().toString());
        assertThat(issue(Orders.device("d1")).status()).isEqualTo(Status.VALID);

        assertThat(authority.revokeAuthority(issuer.id(), RevocationReason.CA_COMPROMISE, "alice"))
                .containsExactly(id);

        assertRefused(RefusalCode.ISSUER_UNAVAILABLE, "device-ec", Orders.device("d1"));
        assertThat(status(device)).isEqualTo(Status.VALID);
        assertThat(test.acts.about("revocation"))
                .singleElement()
                .asString()
                .contains(id.serial().toString(), "REASON=CA_COMPROMISE", "ACTOR=alice");
    }

    @Test
    void anAuthorityIsRevokedForAReasonThatIsOneOfAuthorities() {
        IssuerId devices = new IssuerId("device-ec", 1);
        assertNoAuthority(
                () -> authority.revokeAuthority(devices, RevocationReason.KEY_COMPROMISE, "alice"),
                "CA_COMPROMISE");
        assertNoAuthority(
                () ->
                        authority.revokeAuthority(
                                devices.next(), RevocationReason.CA_COMPROMISE, "alice"),
                "there is no issuer device-ec-g2; there are [device-ec-g1, root-g1, server-g1]");
        assertThat(issue(Orders.device("d1")).status()).isEqualTo(Status.VALID);
    }

    @Test
    void aRootIsRevokedWithWhatOthersHaveSignedForItsKeyOnceAnotherOneSigns() {
        IssuerId root = new IssuerId("root", 1);
        Hierarchy hierarchy = authority.hierarchy();
        assertNoAuthority(
                () -> authority.revokeAuthority(root, RevocationReason.CA_COMPROMISE, "alice"),
                "prepare and activate the next root");
        hierarchy.activate(hierarchy.prepareNext("root"));
        assertNoAuthority(
                () -> authority.revokeAuthority(root, RevocationReason.CA_COMPROMISE, "alice"),
                "which issue now; activate other generations of them before");
        List.copyOf(hierarchy.certificates().keySet()).stream()
                .map(IssuerId::authority)
                .distinct()
                .filter(name -> !name.equals("root"))
                .forEach(name -> hierarchy.activate(hierarchy.prepareNext(name)));

        List<CertificateId> revoked =
                authority.revokeAuthority(root, RevocationReason.CA_COMPROMISE, "alice");

        assertThat(revoked).extracting(CertificateId::issuer).containsExactly(root, root.next());
        assertThat(revoked).allMatch(id -> test.ledger.find(id).orElseThrow().revocation() != null);
        assertThat(hierarchy.stateOf(root)).isEqualTo(GenerationState.REVOKED);
        assertThat(hierarchy.bundle()).doesNotContain(pem(root)).contains(pem(root.next()));
        assertThat(hierarchy.trusted())
                .filteredOn(one -> one.serial().equals(revoked.get(1).serial()))
                .isEmpty();
    }

    private static void assertNoAuthority(ThrowingCallable call, String named) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(named);
    }

    private String pem(IssuerId id) {
        return Objects.requireNonNull(authority.hierarchy().certificates().get(id)).pem();
    }

    @Test
    void keysOfAuthoritiesAreInTheAuditChain() {
        authority.hierarchy().activate(authority.hierarchy().prepareNext("server"));

        assertThat(test.acts.about("server-g2"))
                .anyMatch(act -> act.contains("OUTCOME=made"))
                .anyMatch(act -> act.contains("OUTCOME=activated"));
        assertThat(test.acts.about("issuance")).hasSize(4);
    }

    @Test
    void aRevocationStandsThatCannotBeAudited() {
        LedgerEntry entry = issue(Orders.device("d1"));
        test.acts.fill();

        authority.revoke(entry.id(), RevocationReason.SUPERSEDED, "alice");

        assertThat(status(entry)).isEqualTo(Status.REVOKED);
    }
}
