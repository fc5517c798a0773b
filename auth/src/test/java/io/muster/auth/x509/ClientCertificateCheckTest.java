package io.muster.auth.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.x509.CertificateVerdict.Accepted;
import io.muster.auth.x509.CertificateVerdict.Refused;
import io.muster.auth.x509.encoding.Certificates;
import io.muster.auth.x509.path.RefusalCause;
import io.muster.auth.x509.revocation.FreshnessPolicy;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientCertificateCheckTest {

    private static final String URI = "urn:device:pk:dk";

    private final TestClock clock = new TestClock(TestAuthority.NOW);
    private final Hierarchy hierarchy = Hierarchy.of("Test", clock);
    private final AtomicReference<TrustedIssuers> trusted = new AtomicReference<>();
    private final ClientCertificateCheck check =
            new ClientCertificateCheck(trusted::get, FreshnessPolicy.STRICT, clock);

    @BeforeEach
    void trust() throws Exception {
        trusted.set(TrustedIssuers.of(List.of(hierarchy.trusted(clock))));
    }

    @Test
    void acceptsACertificateOfATrustedAuthorityAndSaysWhoseItIs() {
        X509Certificate certificate = client().uri(URI).issue();

        ClientCertificate accepted = accepted(certificate);

        assertThat(accepted.fingerprint()).matches("[0-9a-f]{64}");
        assertThat(accepted.serial()).isEqualTo(certificate.getSerialNumber());
        assertThat(accepted.notAfter()).isEqualTo(certificate.getNotAfter().toInstant());
        assertThat(accepted.deviceUri()).contains(new DeviceUri("pk", "dk"));
        assertThat(accepted.issuer().certificate()).isEqualTo(hierarchy.issuing.certificate());
    }

    @Test
    void acceptsItWithItsChainAndNoLongerOne() {
        X509Certificate own = client().issue();
        X509Certificate above = hierarchy.issuing.certificate();
        X509Certificate root = hierarchy.root.certificate();

        assertThat(check.check(List.of(own, above, root))).isInstanceOf(Accepted.class);
        assertRefused(RefusalCause.CHAIN_TOO_LONG, own, above, root, root);
        assertRefused(RefusalCause.NO_CERTIFICATE);
    }

    @Test
    void refusesCertificatesThatAreTooLongAnywhereInTheChain() {
        X509Certificate longest =
                client().with(
                                new ASN1ObjectIdentifier("1.2.3.4"),
                                false,
                                new DEROctetString(new byte[8000]))
                        .issue();

        assertRefused(RefusalCause.TOO_LARGE, longest);
        assertRefused(RefusalCause.TOO_LARGE, client().issue(), longest);
    }

    @Test
    void refusesWhatNoTrustedAuthorityIssued() {
        Hierarchy other = Hierarchy.of("Other", clock);

        assertRefused(RefusalCause.UNKNOWN_ISSUER, other.issuing.client("CN=device").issue());
        assertRefused(RefusalCause.UNKNOWN_ISSUER, hierarchy.root.client("CN=device").issue());
        assertRefused(
                RefusalCause.UNKNOWN_ISSUER,
                client().without(Extension.authorityKeyIdentifier).issue());
    }

    @Test
    void refusesOneThatNamesATrustedAuthorityWhichDidNotSignIt() {
        TestAuthority forger = TestAuthority.root("CN=Test Issuing,O=Test");
        X509Certificate forged =
                forger.client("CN=device")
                        .with(
                                Extension.authorityKeyIdentifier,
                                false,
                                authorityKey(client().issue()))
                        .issue();

        assertRefused(RefusalCause.SIGNATURE, forged);
    }

    private static ASN1Encodable authorityKey(X509Certificate certificate) {
        return AuthorityKeyIdentifier.getInstance(
                ASN1OctetString.getInstance(certificate.getExtensionValue("2.5.29.35"))
                        .getOctets());
    }

    @Test
    void refusesAuthoritiesAsClients() {
        assertRefused(
                RefusalCause.IS_AUTHORITY, hierarchy.issuing.authority("CN=Below").certificate());
        assertRefused(
                RefusalCause.IS_AUTHORITY,
                client().with(Extension.basicConstraints, true, new BasicConstraints(true))
                        .issue());
        assertRefused(
                RefusalCause.IS_AUTHORITY,
                client().with(
                                Extension.keyUsage,
                                true,
                                new KeyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature))
                        .issue());
    }

    @Test
    void wantsAKeyUsageWithDigitalSignature() {
        assertRefused(
                RefusalCause.KEY_USAGE,
                client().with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyEncipherment))
                        .issue());
        assertRefused(RefusalCause.KEY_USAGE, client().without(Extension.keyUsage).issue());
    }

    @Test
    void wantsAnExtendedKeyUsageForClientsAndNotForAnything() {
        assertRefused(
                RefusalCause.EXTENDED_KEY_USAGE,
                client().purposes(KeyPurposeId.id_kp_serverAuth).issue());
        assertRefused(
                RefusalCause.EXTENDED_KEY_USAGE,
                client().purposes(KeyPurposeId.anyExtendedKeyUsage).issue());
        assertRefused(
                RefusalCause.EXTENDED_KEY_USAGE,
                client().without(Extension.extendedKeyUsage).issue());
        accepted(
                client().purposes(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth)
                        .issue());
    }

    @Test
    void refusesUnknownCriticalExtensions() {
        ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.2.3.4");

        assertRefused(
                RefusalCause.CRITICAL_EXTENSION,
                client().with(unknown, true, new DERUTF8String("x")).issue());
        accepted(client().with(unknown, false, new DERUTF8String("x")).issue());
    }

    @Test
    void refusesWhatOnlyAuthoritiesHaveAndAKeyIdentifierThatIsCritical() {
        GeneralSubtree names =
                new GeneralSubtree(new GeneralName(GeneralName.dNSName, "example.com"));
        assertRefused(
                RefusalCause.MALFORMED,
                client().with(
                                Extension.nameConstraints,
                                true,
                                new NameConstraints(new GeneralSubtree[] {names}, null))
                        .issue());
        assertRefused(
                RefusalCause.MALFORMED,
                client().with(
                                Extension.authorityKeyIdentifier,
                                true,
                                keyIdentifier(hierarchy.issuing.certificate()))
                        .issue());
    }

    private static AuthorityKeyIdentifier keyIdentifier(X509Certificate issuer) {
        byte[] inner =
                ASN1OctetString.getInstance(issuer.getExtensionValue("2.5.29.14")).getOctets();
        return new AuthorityKeyIdentifier(ASN1OctetString.getInstance(inner).getOctets());
    }

    @Test
    void wantsAPositiveSerialNumberOfAtMostTwentyOctets() {
        accepted(client().serial(BigInteger.ONE).issue());
        accepted(client().serial(BigInteger.ONE.shiftLeft(158)).issue());
        for (BigInteger wrong :
                List.of(BigInteger.ZERO, BigInteger.ONE.negate(), BigInteger.ONE.shiftLeft(159))) {
            assertRefused(RefusalCause.SERIAL_NUMBER, client().serial(wrong).issue());
        }
    }

    @Test
    void takesKeysOfGoodKindsAndSizesOnly() throws Exception {
        accepted(withKey("RSA", 2048));
        accepted(withCurve("secp384r1"));
        accepted(
                hierarchy
                        .issuing
                        .client(
                                "CN=device",
                                KeyPairGenerator.getInstance("Ed25519")
                                        .generateKeyPair()
                                        .getPublic())
                        .issue());

        assertRefused(RefusalCause.KEY_NOT_ALLOWED, withKey("RSA", 1024));
        assertRefused(RefusalCause.KEY_NOT_ALLOWED, withKey("DSA", 2048));
        assertRefused(RefusalCause.KEY_NOT_ALLOWED, withCurve("secp521r1"));
        assertRefused(
                RefusalCause.KEY_NOT_ALLOWED,
                hierarchy
                        .issuing
                        .client(
                                "CN=device",
                                KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic())
                        .issue());
    }

    private X509Certificate withKey(String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return hierarchy
                .issuing
                .client("CN=device", generator.generateKeyPair().getPublic())
                .issue();
    }

    private X509Certificate withCurve(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return hierarchy
                .issuing
                .client("CN=device", generator.generateKeyPair().getPublic())
                .issue();
    }

    @Test
    void refusesWeakSignatures() {
        assertRefused(RefusalCause.SIGNATURE_ALGORITHM, client().issue("SHA1withECDSA"));
    }

    @Test
    void acceptsACertificateFromItsFirstToItsLastSecondAlsoWhenItIsKnown() {
        X509Certificate certificate =
                client().from(TestAuthority.NOW.plusSeconds(10))
                        .lasting(Duration.ofSeconds(20))
                        .issue();
        assertRefused(RefusalCause.NOT_YET_VALID, certificate);

        clock.advance(Duration.ofSeconds(10));
        accepted(certificate);
        clock.advance(Duration.ofSeconds(10));
        accepted(certificate);
        clock.advance(Duration.ofSeconds(1));
        assertRefused(RefusalCause.EXPIRED, certificate);
        clock.advance(Duration.ofSeconds(-15));
        assertRefused(RefusalCause.NOT_YET_VALID, certificate);
    }

    @Test
    void refusesARevokedCertificateAtTheNextLook() {
        X509Certificate announced = client().issue();
        X509Certificate listed = client().issue();
        X509Certificate other = client().issue();
        List.of(announced, listed, other).forEach(this::accepted);

        hierarchy.issuingRevocations.revoke(announced.getSerialNumber());
        Hierarchy.list(
                hierarchy.issuingRevocations,
                hierarchy.issuing.crl(2).revoking(listed.getSerialNumber()));

        assertRefused(RefusalCause.REVOKED, announced);
        assertRefused(RefusalCause.REVOKED, listed);
        accepted(other);
    }

    @Test
    void refusesEverybodyOfAnAuthorityThatItsRootRevokes() {
        X509Certificate certificate = client().issue();
        accepted(certificate);

        Hierarchy.list(
                hierarchy.rootRevocations,
                hierarchy.root.crl(2).revoking(hierarchy.issuing.certificate().getSerialNumber()));

        assertRefused(RefusalCause.ISSUER_REVOKED, certificate);
    }

    @Test
    void refusesEverybodyBelowARootThatIsRevoked() {
        X509Certificate certificate = client().issue();
        accepted(certificate);

        hierarchy.rootRevocations.revoke(hierarchy.root.certificate().getSerialNumber());

        assertRefused(RefusalCause.ISSUER_REVOKED, certificate);
    }

    @Test
    void refusesEverybodyOfAnAuthorityThatHasExpired() {
        X509Certificate certificate = client().lasting(Duration.ofDays(20_000)).issue();
        clock.advance(Duration.ofDays(3651));

        assertRefused(RefusalCause.ISSUER_UNUSABLE, certificate);
    }

    /** Anybody can make the one of the other, so it must not be a way around a revocation. */
    @Test
    void bothSignaturesOfEcdsaAreTheSameCertificateAndRevokedTogether() throws Exception {
        X509Certificate certificate = client().issue();
        X509Certificate other =
                Certificates.parse(TestCertificate.otherSignature(certificate.getEncoded()));
        assertThat(accepted(other))
                .isEqualTo(accepted(certificate))
                .hasSameHashCodeAs(accepted(certificate));
        assertThat(accepted(other)).isNotEqualTo(accepted(client().issue()));

        hierarchy.issuingRevocations.revoke(certificate.getSerialNumber());

        assertRefused(RefusalCause.REVOKED, certificate);
        assertRefused(RefusalCause.REVOKED, other);
    }

    @Test
    void whatANameContainsForgesNoLineOfTheLog() {
        X509Certificate forging =
                hierarchy.issuing.client("CN=dk\\0A2030-01-01 INFO forged").issue();
        hierarchy.issuingRevocations.revoke(forging.getSerialNumber());

        assertThat(check.check(List.of(forging)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        r ->
                                assertThat(r.detail())
                                        .contains("forged")
                                        .doesNotContainPattern("\\p{Cntrl}"));
    }

    @Test
    void refusesAtOnceWhoseAuthorityIsNotTrustedAnyMore() throws Exception {
        Hierarchy second = Hierarchy.of("Second", clock);
        trusted.set(TrustedIssuers.of(List.of(hierarchy.trusted(clock), second.trusted(clock))));
        X509Certificate certificate = client().issue();
        X509Certificate ofSecond = second.issuing.client("CN=device").issue();
        accepted(certificate);
        accepted(ofSecond);

        trusted.set(TrustedIssuers.of(List.of(second.trusted(clock))));

        assertRefused(RefusalCause.UNKNOWN_ISSUER, certificate);
        accepted(ofSecond);
    }

    @Test
    void heedsTheNamesThatAnAuthorityIsConstrainedTo() throws Exception {
        TestAuthority root = TestAuthority.root("CN=Root");
        TestAuthority constrained =
                root.authority(
                        "CN=Constrained",
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
        trusted.set(
                TrustedIssuers.of(List.of(new Hierarchy(root, constrained, clock).trusted(clock))));

        accepted(constrained.client("O=Permitted,CN=device").issue());
        assertRefused(RefusalCause.PATH, constrained.client("O=Elsewhere,CN=device").issue());
    }

    @Test
    void aDeviceIsNamedByItsOnlyAlternativeNameAlone() {
        assertThat(accepted(client().issue()).deviceUri()).isEmpty();
        assertThat(accepted(client().uri("urn:other:pk:dk").issue()).deviceUri()).isEmpty();
        assertThat(
                        accepted(
                                        client().with(
                                                        Extension.subjectAlternativeName,
                                                        false,
                                                        new GeneralNames(
                                                                new GeneralName[] {
                                                                    new GeneralName(6, URI),
                                                                    new GeneralName(2, "a.test")
                                                                }))
                                                .issue())
                                .deviceUri())
                .isEmpty();
    }

    private TestCertificate client() {
        return hierarchy.issuing.client("CN=dk,OU=pk");
    }

    private ClientCertificate accepted(X509Certificate certificate) {
        CertificateVerdict verdict = check.check(List.of(certificate));
        assertThat(verdict).isInstanceOf(Accepted.class);
        return ((Accepted) verdict).certificate();
    }

    private void assertRefused(RefusalCause cause, X509Certificate... chain) {
        assertThat(check.check(List.of(chain)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.cause()).as(refused.detail()).isEqualTo(cause));
    }
}
