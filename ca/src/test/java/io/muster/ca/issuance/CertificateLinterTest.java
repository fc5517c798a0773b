package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.DeviceUrn;
import io.muster.ca.SerialNumber;
import io.muster.ca.key.KeyKind;
import io.muster.ca.pki.Issuers;
import java.math.BigInteger;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each field that is not as it should be is found. */
class CertificateLinterTest {

    private static Issuer issuer;
    private static PublicKey key;

    @BeforeAll
    static void makeIssuer() {
        issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
        key = Issuers.key(KeyKind.EC_P256).publicKey();
    }

    private static CertificateContent content() {
        Subject subject = Subject.device(new DeviceUrn("pk", "dk"), "Test");
        return Issuers.content(issuer, CertificateKind.DEVICE, subject, key);
    }

    private interface Change {
        void in(X509v3CertificateBuilder certificate) throws Exception;
    }

    private static List<String> faults(Change change) throws Exception {
        CertificateContent content = content();
        X509v3CertificateBuilder certificate = ToBeSigned.of(content);
        change.in(certificate);
        byte[] der = certificate.build(issuer.key().signer()).getEncoded();
        return CertificateLinter.faults(content, der);
    }

    @Test
    void nothingIsWrongWithOurs() throws Exception {
        assertThat(faults(unchanged -> {})).isEmpty();
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change("serial number", c -> c.setSerialNumber(BigInteger.TWO)),
                change("issuer is another", c -> c.setIssuer(new X500Name("CN=Test device G1"))),
                change("begin", c -> c.setNotBefore(Date.from(Issuers.NOW))),
                change("end", c -> c.setNotAfter(Date.from(Issuers.NOW.plusSeconds(9)))),
                change("subject is another", c -> c.setSubject(new X500Name("CN=dk,OU=pk"))),
                change("no text of UTF-8", c -> c.setSubject(printable())),
                change("unique identifiers", c -> c.setSubjectUniqueID(new boolean[] {true})),
                change("key is another", CertificateLinterTest::setAnotherKey),
                change("key usage", c -> critical(c, Extension.keyUsage, new KeyUsage(0xa0))),
                change(
                        "authority, or none",
                        c -> critical(c, Extension.basicConstraints, new BasicConstraints(true))),
                change(
                        "purposes",
                        c -> set(c, Extension.extendedKeyUsage, purposes(twoPurposes()))),
                change("purposes", c -> set(c, Extension.extendedKeyUsage, anyPurpose())),
                change("alternative names", c -> setNames(c, uri("urn:device:pk:other"))),
                change(
                        "alternative names",
                        c -> setNames(c, uri("urn:device:pk:dk"), uri("urn:device:pk:dk"))),
                change(
                        "alternative names",
                        c -> setNames(c, new GeneralName(GeneralName.dNSName, "dk"))),
                change(
                        "its key is called otherwise",
                        c -> set(c, Extension.subjectKeyIdentifier, keyIdentifier())),
                change(
                        "issuer's key otherwise",
                        c -> set(c, Extension.authorityKeyIdentifier, issuerKeyIdentifier())),
                change("issuer's certificate", CertificateLinterTest::nameIssuer),
                change(
                        "revocation list is elsewhere",
                        c -> set(c, Extension.cRLDistributionPoints, listAt("http://a/b"))),
                change(
                        "older clients",
                        c ->
                                set(
                                        c,
                                        MiscObjectIdentifiers.netscapeCARevocationURL,
                                        new DERIA5String("http://a/b"))),
                change(
                        "responder are elsewhere",
                        c -> set(c, Extension.authorityInfoAccess, accessAt("http://a/b"))),
                change("extensions", c -> c.removeExtension(Extension.extendedKeyUsage)),
                change(
                        "extensions",
                        c -> c.addExtension(Extension.issuerAlternativeName, false, names())),
                change("extensions", CertificateLinterTest::makeNameCritical));
    }

    private static Arguments change(String fault, Change change) {
        return Arguments.of(fault, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changes")
    void whatIsOtherwiseIsFound(String fault, Change change) throws Exception {
        assertThat(faults(change)).isNotEmpty().anyMatch(found -> found.contains(fault));
    }

    @Test
    void theAlgorithmOfTheSignatureIsTheIssuers() throws Exception {
        CertificateContent content = content();
        byte[] der =
                ToBeSigned.of(content).build(Issuers.key(KeyKind.ED25519).signer()).getEncoded();

        assertThat(CertificateLinter.faults(content, der))
                .anyMatch(found -> found.contains("another algorithm"));
    }

    @Test
    void bytesThatAreNoCertificateAreAFault() throws Exception {
        CertificateContent content = content();
        byte[] der = ToBeSigned.of(content).build(issuer.key().signer()).getEncoded();

        for (int length = 0; length < der.length; length += 7) {
            assertThat(CertificateLinter.faults(content, Arrays.copyOf(der, length))).isNotEmpty();
        }
        assertThat(CertificateLinter.faults(content, Arrays.copyOf(der, der.length + 1)))
                .isNotEmpty();
    }

    @Test
    void namesThatDoNotFitTheKindAreFound() throws Exception {
        AlternativeName device = AlternativeName.of(new DeviceUrn("pk", "dk"));

        assertThat(faultsOf(new Subject("other", "pk", null, List.of(device))))
                .anyMatch(fault -> fault.contains("common name of a device"));
        assertThat(faultsOf(new Subject("dk", "other", null, List.of(device))))
                .anyMatch(fault -> fault.contains("organizational unit"));
        assertThat(faultsOf(new Subject("dk", "pk", null, List.of(device, device))))
                .anyMatch(fault -> fault.contains("not one name"));
        assertThat(faultsOf(Subject.server(List.of("dk"), null)))
                .anyMatch(fault -> fault.contains("not one name"));
    }

    private static List<String> faultsOf(Subject subject) throws Exception {
        CertificateContent content = Issuers.content(issuer, CertificateKind.DEVICE, subject, key);
        byte[] der = ToBeSigned.of(content).build(issuer.key().signer()).getEncoded();
        return CertificateLinter.faults(content, der);
    }

    @Test
    void aLifeOutOfRangeIsFound() throws Exception {
        CertificateContent plain = content();
        CertificateContent content =
                new CertificateContent(
                        issuer,
                        new SerialNumber(7),
                        plain.profile().withLife(Duration.ofDays(1), Duration.ofDays(2)),
                        plain.subject(),
                        key,
                        Issuers.validity(Duration.ofDays(3)));
        byte[] der = ToBeSigned.of(content).build(issuer.key().signer()).getEncoded();

        assertThat(CertificateLinter.faults(content, der))
                .containsExactly("its life is out of range");
    }

    private static X500Name printable() {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, new DERPrintableString("Test"))
                .addRDN(BCStyle.OU, new DERPrintableString("pk"))
                .addRDN(BCStyle.CN, new DERPrintableString("dk"))
                .build();
    }

    private static void setAnotherKey(X509v3CertificateBuilder certificate) {
        PublicKey other = Issuers.key(KeyKind.EC_P256).publicKey();
        certificate.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(other.getEncoded()));
    }

    private static void critical(
            X509v3CertificateBuilder certificate, ASN1ObjectIdentifier type, ASN1Encodable value)
            throws Exception {
        certificate.replaceExtension(type, true, value);
    }

    private static void set(
            X509v3CertificateBuilder certificate, ASN1ObjectIdentifier type, ASN1Encodable value)
            throws Exception {
        certificate.replaceExtension(type, false, value);
    }

    private static ExtendedKeyUsage purposes(KeyPurposeId... purposes) {
        return new ExtendedKeyUsage(purposes);
    }

    private static KeyPurposeId[] twoPurposes() {
        return new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth};
    }

    private static ExtendedKeyUsage anyPurpose() {
        return purposes(KeyPurposeId.anyExtendedKeyUsage);
    }

    private static GeneralName uri(String uri) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, uri);
    }

    private static GeneralNames names() {
        return new GeneralNames(uri("urn:device:pk:dk"));
    }

    private static void setNames(X509v3CertificateBuilder certificate, GeneralName... names)
            throws Exception {
        set(certificate, Extension.subjectAlternativeName, new GeneralNames(names));
    }

    private static SubjectKeyIdentifier keyIdentifier() {
        return new SubjectKeyIdentifier(new byte[20]);
    }

    private static AuthorityKeyIdentifier issuerKeyIdentifier() {
        return new AuthorityKeyIdentifier(new byte[20]);
    }

    private static void nameIssuer(X509v3CertificateBuilder certificate) throws Exception {
        GeneralNames issuerName = new GeneralNames(new GeneralName(issuer.name()));
        set(
                certificate,
                Extension.authorityKeyIdentifier,
                new AuthorityKeyIdentifier(issuer.keyIdentifier(), issuerName, BigInteger.ONE));
    }

    private static CRLDistPoint listAt(String uri) {
        return new CRLDistPoint(
                new DistributionPoint[] {
                    new DistributionPoint(
                            new DistributionPointName(new GeneralNames(uri(uri))), null, null)
                });
    }

    private static AuthorityInformationAccess accessAt(String uri) {
        return new AuthorityInformationAccess(AccessDescription.id_ad_caIssuers, uri(uri));
    }

    private static void makeNameCritical(X509v3CertificateBuilder certificate) throws Exception {
        critical(certificate, Extension.subjectAlternativeName, names());
    }
}
