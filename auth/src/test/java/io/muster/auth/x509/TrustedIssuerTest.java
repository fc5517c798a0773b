package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.auth.x509.crl.CrlScope;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.IssuerRevocations;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;

class TrustedIssuerTest {

    private static final TestAuthority ROOT = TestAuthority.root("CN=Root");

    private final TestClock clock = new TestClock(TestAuthority.NOW);

    @Test
    void anAuthorityBelowARootIsTaken() throws Exception {
        Hierarchy hierarchy = Hierarchy.of("Test", clock);

        assertThat(hierarchy.trusted(clock).certificate())
                .isEqualTo(hierarchy.issuing.certificate());
    }

    @Test
    void anAuthorityThatIsItsOwnRootIsTaken() throws Exception {
        TrustedIssuer issuer = trusted(ROOT.certificate());

        assertThat(issuer.certificate()).isEqualTo(ROOT.certificate());
    }

    @Test
    void aChainWithoutItsRootIsRefused() {
        assertRefused(RefusalCause.PATH, ROOT.authority("CN=Issuing").certificate());
        assertRefused(RefusalCause.NO_CERTIFICATE);
    }

    @Test
    void aChainToARootOfTheSameNameAndAnotherKeyIsRefused() {
        TestAuthority other = TestAuthority.root("CN=Root");

        assertRefused(
                RefusalCause.UNKNOWN_ISSUER,
                ROOT.authority("CN=Issuing").certificate(),
                other.certificate());
    }

    @Test
    void whoIsNoAuthorityOrMayNotSignCertificatesIsRefused() {
        assertRefused(
                RefusalCause.NOT_AN_AUTHORITY,
                with(Extension.basicConstraints, new BasicConstraints(false)));
        assertRefused(
                RefusalCause.KEY_USAGE, with(Extension.keyUsage, new KeyUsage(KeyUsage.cRLSign)));
        assertRefused(RefusalCause.KEY_USAGE, change -> change.without(Extension.keyUsage));
    }

    @Test
    void whoseListsAreLookedForMustBeAbleToSignThem() throws Exception {
        UnaryOperator<TestCertificate> signsNoLists =
                with(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign));
        X509Certificate issuing = ROOT.authority("CN=Issuing", signsNoLists).certificate();
        assertThat(trusted(issuing, ROOT.certificate())).isNotNull();
        IssuerRevocations byLists =
                IssuerRevocations.of(issuing, clock)
                        .withPartitions(List.of(Optional.empty()), CrlScope.END_ENTITY, false);
        assertThatThrownBy(() -> trusted(byLists, issuing, ROOT.certificate()))
                .hasMessageContaining("has no key usage with cRLSign");

        TestAuthority root = TestAuthority.root("CN=Root", signsNoLists);
        assertRefused(
                RefusalCause.KEY_USAGE,
                root.authority("CN=Issuing").certificate(),
                root.certificate());
    }

    @Test
    void anExtendedKeyUsageMustPermitClients() throws Exception {
        assertRefused(
                RefusalCause.EXTENDED_KEY_USAGE,
                change -> change.purposes(KeyPurposeId.id_kp_serverAuth));
        assertRefused(
                RefusalCause.EXTENDED_KEY_USAGE,
                change -> change.purposes(KeyPurposeId.anyExtendedKeyUsage));

        TestAuthority permitted =
                ROOT.authority(
                        "CN=Issuing", change -> change.purposes(KeyPurposeId.id_kp_clientAuth));
        assertThat(trusted(permitted.certificate(), ROOT.certificate())).isNotNull();
    }

    @Test
    void anAuthorityOutOfItsTimeIsRefused() {
        assertRefused(RefusalCause.EXPIRED, change -> change.lasting(Duration.ofSeconds(-1)));
        assertRefused(
                RefusalCause.NOT_YET_VALID,
                change -> change.from(TestAuthority.NOW.plusSeconds(1)));
    }

    @Test
    void aRootOutOfItsTimeIsRefused() {
        TestAuthority root =
                TestAuthority.root("CN=Root", change -> change.lasting(Duration.ofSeconds(-1)));

        assertRefused(
                RefusalCause.EXPIRED,
                root.authority("CN=Issuing").certificate(),
                root.certificate());
    }

    @Test
    void thePathMustBeLongEnoughForAClientBelow() throws Exception {
        TestAuthority narrow =
                TestAuthority.root(
                        "CN=Root",
                        change ->
                                change.with(
                                        Extension.basicConstraints, true, new BasicConstraints(0)));
        assertRefused(
                RefusalCause.PATH_LENGTH,
                narrow.authority("CN=Issuing").certificate(),
                narrow.certificate());
        assertThat(trusted(narrow.certificate())).isNotNull();

        TestAuthority middle =
                ROOT.authority(
                        "CN=Middle", with(Extension.basicConstraints, new BasicConstraints(0)));
        assertRefused(
                RefusalCause.PATH_LENGTH,
                middle.authority("CN=Issuing").certificate(),
                middle.certificate(),
                ROOT.certificate());
        assertThat(trusted(middle.certificate(), ROOT.certificate())).isNotNull();
    }

    @Test
    void unknownCriticalExtensionsAreRefused() {
        assertRefused(
                RefusalCause.CRITICAL_EXTENSION,
                change ->
                        change.with(
                                new ASN1ObjectIdentifier("1.2.3.4"), true, new DERUTF8String("x")));
    }

    @Test
    void aRootThatConstrainsNamesIsRefusedSinceNobodyWouldHeedThem() {
        TestAuthority root =
                TestAuthority.root(
                        "CN=Root",
                        change ->
                                change.with(
                                        Extension.nameConstraints,
                                        true,
                                        new NameConstraints(
                                                new GeneralSubtree[] {
                                                    new GeneralSubtree(
                                                            new GeneralName(
                                                                    GeneralName.dNSName, "a.test"))
                                                },
                                                null)));

        assertRefused(RefusalCause.PATH, root.certificate());
    }

    @Test
    void anAuthorityThatItsRootHasRevokedIsRefused() {
        Hierarchy hierarchy = Hierarchy.of("Test", clock);
        Hierarchy.list(
                hierarchy.rootRevocations,
                hierarchy.root.crl(2).revoking(hierarchy.issuing.certificate().getSerialNumber()));

        assertThatThrownBy(() -> hierarchy.trusted(clock))
                .isInstanceOfSatisfying(
                        CertificateRefusedException.class,
                        e -> assertThat(e.refusal()).isEqualTo(RefusalCause.REVOKED));
    }

    @Test
    void anAuthorityThatNoListOfItsRootWouldNameIsRefused() {
        TestAuthority issuing = ROOT.authority("CN=Issuing");

        assertThatThrownBy(
                        () ->
                                TrustedIssuer.of(
                                        List.of(issuing.certificate(), ROOT.certificate()),
                                        IssuerRevocations.of(issuing.certificate(), clock),
                                        (issuer, subject) -> IssuerRevocations.of(issuer, clock),
                                        clock.instant()))
                .isInstanceOfSatisfying(
                        CertificateRefusedException.class,
                        e -> assertThat(e.refusal()).isEqualTo(RefusalCause.NOT_COVERED));
    }

    @Test
    void theRevocationsOfAnotherAuthorityAreNotTaken() {
        TestAuthority other = TestAuthority.root("CN=Root");

        assertThatThrownBy(
                        () ->
                                TrustedIssuer.of(
                                        List.of(ROOT.certificate()),
                                        IssuerRevocations.of(other.certificate(), clock),
                                        (issuer, subject) -> IssuerRevocations.of(issuer, clock),
                                        clock.instant()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CN=Root");
    }

    private static UnaryOperator<TestCertificate> with(
            ASN1ObjectIdentifier identifier, ASN1Encodable value) {
        return change -> change.with(identifier, true, value);
    }

    private TrustedIssuer trusted(X509Certificate... chain) throws CertificateRefusedException {
        X509Certificate own = chain.length == 0 ? ROOT.certificate() : chain[0];
        return trusted(IssuerRevocations.of(own, clock), chain);
    }

    private TrustedIssuer trusted(IssuerRevocations ofOwn, X509Certificate... chain)
            throws CertificateRefusedException {
        return TrustedIssuer.of(
                List.of(chain),
                ofOwn,
                (issuer, subject) ->
                        IssuerRevocations.of(issuer, clock)
                                .withPartitions(
                                        List.of(Optional.empty()), CrlScope.AUTHORITY, false),
                clock.instant());
    }

    private void assertRefused(RefusalCause cause, UnaryOperator<TestCertificate> change) {
        assertRefused(
                cause, ROOT.authority("CN=Issuing", change).certificate(), ROOT.certificate());
    }

    private void assertRefused(RefusalCause cause, X509Certificate... chain) {
        CertificateRefusedException refused =
                catchThrowableOfType(CertificateRefusedException.class, () -> trusted(chain));

        assertThat(refused).as("refused").isNotNull();
        assertThat(refused.refusal()).as(refused.getMessage()).isEqualTo(cause);
    }
}
