package io.muster.auth.x509.crl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.auth.x509.TestAuthority;
import io.muster.auth.x509.TestCrl;
import io.muster.auth.x509.encoding.DistributionPointName;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Optional;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.ReasonFlags;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whose a list is, and what it is about. */
class CrlScopeTest {

    private static final Instant NOW = TestAuthority.NOW;
    private static final TestAuthority AUTHORITY = TestAuthority.root("CN=Issuing CA,O=Test");
    private static final TestAuthority OTHER = TestAuthority.root("CN=Other CA,O=Test");
    private static final String HERE = "http://hub/crl/1/7.crl";
    private static final String THERE = "http://hub/crl/1/8.crl";
    private static final BigInteger SERIAL = BigInteger.valueOf(4711);

    @Test
    void refusesTheListOfSomebodyElse() {
        assertRefused(CrlFailure.ISSUER, OTHER.crl(1).der());
        assertRefused(CrlFailure.ISSUER, AUTHORITY.crl(1).named(OTHER).der());
    }

    @Test
    void refusesAnotherKeyIdentifierAndNone() {
        assertRefused(
                CrlFailure.AUTHORITY_KEY,
                AUTHORITY.crl(1).without(Extension.authorityKeyIdentifier).der());
        assertRefused(
                CrlFailure.AUTHORITY_KEY,
                AUTHORITY
                        .crl(1)
                        .with(
                                Extension.authorityKeyIdentifier,
                                false,
                                new AuthorityKeyIdentifier(new byte[20]))
                        .der());
        assertRefused(
                CrlFailure.AUTHORITY_KEY,
                AUTHORITY
                        .crl(1)
                        .with(
                                Extension.authorityKeyIdentifier,
                                false,
                                new AuthorityKeyIdentifier(
                                        new GeneralNames(
                                                new GeneralName(new X500Name("CN=Issuing CA"))),
                                        BigInteger.ONE))
                        .der());
    }

    @Test
    void refusesListsOfAnAuthorityThatMayNotSignAny() {
        TestAuthority authority =
                TestAuthority.root(
                        "CN=Issuing CA,O=Test",
                        change ->
                                change.with(
                                        Extension.keyUsage,
                                        true,
                                        new KeyUsage(KeyUsage.keyCertSign)));

        assertRefused(CrlFailure.ISSUER_MAY_NOT_SIGN, reader(authority), authority.crl(1).der());
    }

    @Test
    void refusesListsOfAnAuthorityWithAWeakKey() throws Exception {
        TestAuthority authority = TestAuthority.root("CN=Issuing CA,O=Test", rsa(1024));

        assertRefused(CrlFailure.ISSUER_MAY_NOT_SIGN, reader(authority), authority.crl(1).der());
    }

    @Test
    void whatTheNameOfAnIssuerContainsForgesNoLineOfTheLog() {
        TestAuthority forging = TestAuthority.root("CN=Other\\0A2030-01-01 INFO forged");

        assertThatThrownBy(() -> read(forging.crl(1).der()))
                .isInstanceOf(CrlRefusedException.class)
                .hasMessageContaining("forged")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}"));
    }

    @Test
    void takesTheListOfItsPartitionAndNoOther() throws CrlRefusedException {
        CrlReader reader = reader(AUTHORITY, Optional.of(HERE));
        byte[] here = AUTHORITY.crl(1).partition(HERE).revoking(SERIAL).der();

        assertThat(
                        reader.read(EncodedCrl.of(here), Optional.empty(), NOW)
                                .revoked()
                                .contains(SERIAL))
                .isTrue();
        assertRefused(
                CrlFailure.DISTRIBUTION_POINT, reader, AUTHORITY.crl(1).partition(THERE).der());
        assertRefused(CrlFailure.DISTRIBUTION_POINT, reader, AUTHORITY.crl(1).der());
        assertRefused(CrlFailure.DISTRIBUTION_POINT, AUTHORITY.crl(1).partition(HERE).der());
    }

    @Test
    void refusesListsAboutOtherThings() {
        assertRefused(CrlFailure.SCOPE, point(false, true, null, false, false));
        assertRefused(CrlFailure.SCOPE, point(false, false, null, false, true));
        assertRefused(CrlFailure.INDIRECT, point(false, false, null, true, false));
        assertRefused(
                CrlFailure.SOME_REASONS,
                point(false, false, new ReasonFlags(ReasonFlags.keyCompromise), false, false));
        assertRefused(
                CrlFailure.INDIRECT,
                AUTHORITY
                        .crl(1)
                        .revoking(
                                SERIAL,
                                TestCrl.extension(
                                        Extension.certificateIssuer,
                                        true,
                                        new GeneralNames(new GeneralName(new X500Name("CN=X")))))
                        .der());
    }

    private static byte[] point(
            boolean users,
            boolean authorities,
            @Nullable ReasonFlags reasons,
            boolean indirect,
            boolean attributes) {
        return AUTHORITY
                .crl(1)
                .with(
                        Extension.issuingDistributionPoint,
                        true,
                        new IssuingDistributionPoint(
                                null, users, authorities, reasons, indirect, attributes))
                .der();
    }

    /** RFC 5280, 5.2.5: whoever does not know it must not take the list for one of everything. */
    @Test
    void refusesADistributionPointThatIsNotCritical() {
        assertRefused(
                CrlFailure.MALFORMED,
                AUTHORITY
                        .crl(1)
                        .with(
                                Extension.issuingDistributionPoint,
                                false,
                                new IssuingDistributionPoint(null, true, false, null, false, false))
                        .der());
    }

    @Test
    void refusesListsOfChanges() {
        assertRefused(
                CrlFailure.DELTA,
                AUTHORITY
                        .crl(2)
                        .with(Extension.deltaCRLIndicator, true, new CRLNumber(BigInteger.ONE))
                        .der());
    }

    @Test
    void takesAListBesideWhichThereAreChangesOnlyWhereThatIsPermitted() throws CrlRefusedException {
        TestCrl list = AUTHORITY.crl(2).with(Extension.freshestCRL, false, new DERSequence());

        assertRefused(CrlFailure.DELTAS_ANNOUNCED, list.der());
        CrlReader permitting =
                new CrlReader(
                        new CrlExpectation(
                                AUTHORITY.certificate(),
                                Optional.empty(),
                                CrlScope.END_ENTITY,
                                true));
        assertThat(permitting.read(EncodedCrl.of(list.der()), Optional.empty(), NOW).number())
                .isEqualTo(2);
    }

    private static KeyPair rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static CrlReader reader(TestAuthority authority) {
        return reader(authority, Optional.empty());
    }

    private static CrlReader reader(TestAuthority authority, Optional<String> uri) {
        return new CrlReader(
                new CrlExpectation(
                        authority.certificate(),
                        uri.map(DistributionPointName::uri),
                        CrlScope.END_ENTITY,
                        false));
    }

    private static AcceptedCrl read(byte[] file) throws CrlRefusedException {
        return reader(AUTHORITY).read(EncodedCrl.of(file), Optional.empty(), NOW);
    }

    private static void assertRefused(CrlFailure failure, byte[] file) {
        assertRefused(failure, reader(AUTHORITY), file);
    }

    private static void assertRefused(CrlFailure failure, CrlReader reader, byte[] file) {
        CrlRefusedException refused =
                catchThrowableOfType(
                        CrlRefusedException.class,
                        () -> reader.read(EncodedCrl.of(file), Optional.empty(), NOW));

        assertThat(refused).isNotNull();
        assertThat(refused.failure()).as(refused.getMessage()).isEqualTo(failure);
    }
}
