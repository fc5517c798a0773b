package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.auth.x509.CertificateVerdict.Accepted;
import io.muster.auth.x509.CertificateVerdict.Refused;
import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One authority, one key, and two certificates of it that stand side by side. */
class CrossCertifiedIssuerTest {

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final TestAuthority oldRoot = TestAuthority.root("CN=Old Root");
    private final TestAuthority newRoot = TestAuthority.root("CN=New Root");
    private final TestAuthority issuing =
            oldRoot.authority("CN=Issuing", change -> change.lasting(Duration.ofHours(10)));
    private final IssuerRevocations oldLists = lists(oldRoot, CrlScope.AUTHORITY);
    private final IssuerRevocations newLists = lists(newRoot, CrlScope.AUTHORITY);
    private final IssuerRevocations issued = lists(issuing, CrlScope.END_ENTITY);
    private final X509Certificate client = issuing.client("CN=dk,OU=pk").issue();
    private TestAuthority again = issuing.certifiedBy(newRoot);
    private ClientCertificateCheck check;

    @BeforeEach
    void trust() throws Exception {
        TrustedIssuers issuers =
                TrustedIssuers.of(
                        List.of(
                                trusted(issuing, oldRoot, oldLists, issued),
                                trusted(again, newRoot, newLists, issued)));
        check = new ClientCertificateCheck(() -> issuers, FreshnessPolicy.STRICT, clock);
    }

    @Test
    void itsClientsAreLetInAsLongAsOneOfItsCertificatesIsInTime() {
        assertThat(check.check(List.of(client))).isInstanceOf(Accepted.class);

        clock.advance(Duration.ofHours(11));
        assertThat(check.check(List.of(client))).isInstanceOf(Accepted.class);
        assertThat(check.check(List.of(issuing.client("CN=other").issue())))
                .isInstanceOf(Accepted.class);
    }

    @Test
    void itsClientsAreLetInUntilAllOfItsCertificatesAreRevoked() {
        Hierarchy.list(oldLists, oldRoot.crl(2).revoking(issuing.certificate().getSerialNumber()));
        assertThat(check.check(List.of(client))).isInstanceOf(Accepted.class);

        Hierarchy.list(newLists, newRoot.crl(2).revoking(again.certificate().getSerialNumber()));
        assertRefused(RefusalCause.ISSUER_REVOKED, client);
    }

    @Test
    void whoIsRevokedIsRefusedByWhateverCertificateTheIssuerStands() {
        assertThat(check.check(List.of(client))).isInstanceOf(Accepted.class);

        issued.revoke(client.getSerialNumber());

        assertRefused(RefusalCause.REVOKED, client);
    }

    @Test
    void aClientStandsOnlyByThoseCertificatesThatPermitItsName() throws Exception {
        again =
                issuing.certifiedBy(
                        newRoot,
                        change ->
                                change.with(
                                        Extension.nameConstraints,
                                        true,
                                        new NameConstraints(
                                                new GeneralSubtree[] {
                                                    new GeneralSubtree(
                                                            new GeneralName(
                                                                    GeneralName.directoryName,
                                                                    "O=Permitted"))
                                                },
                                                null)));
        trust();
        X509Certificate permitted = issuing.client("O=Permitted,CN=dk").issue();
        assertThat(check.check(List.of(client))).isInstanceOf(Accepted.class);
        assertThat(check.check(List.of(permitted))).isInstanceOf(Accepted.class);

        Hierarchy.list(oldLists, oldRoot.crl(2).revoking(issuing.certificate().getSerialNumber()));
        assertRefused(RefusalCause.ISSUER_REVOKED, client);
        assertThat(check.check(List.of(permitted))).isInstanceOf(Accepted.class);
    }

    @Test
    void bothOfItsCertificatesAreKnown() {
        assertThat(check.trusted().certificates())
                .containsExactlyInAnyOrder(issuing.certificate(), again.certificate());
    }

    /** Or one would let in whom the other revokes. */
    @Test
    void twoThatDoNotShareTheirRevocationsAreNotTrustedSideBySide() throws Exception {
        TrustedIssuer one = trusted(issuing, oldRoot, oldLists, issued);
        TrustedIssuer other = trusted(again, newRoot, newLists, lists(again, CrlScope.END_ENTITY));

        assertThatThrownBy(() -> TrustedIssuers.of(List.of(one, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CN=Issuing");
    }

    private TrustedIssuer trusted(
            TestAuthority authority,
            TestAuthority root,
            IssuerRevocations ofRoot,
            IssuerRevocations ofAuthority)
            throws CertificateRefusedException {
        return TrustedIssuer.of(
                List.of(authority.certificate(), root.certificate()),
                ofAuthority,
                (issuer, subject) -> ofRoot,
                clock.instant());
    }

    private IssuerRevocations lists(TestAuthority authority, CrlScope scope) {
        IssuerRevocations revocations =
                IssuerRevocations.of(authority.certificate(), clock)
                        .withPartitions(List.of(Optional.empty()), scope, false);
        Hierarchy.list(revocations, authority.crl(1));
        return revocations;
    }

    private void assertRefused(RefusalCause cause, X509Certificate certificate) {
        assertThat(check.check(List.of(certificate)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.cause()).as(refused.detail()).isEqualTo(cause));
    }
}
