package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.DeviceUrn;
import io.muster.ca.IssuerId;
import io.muster.ca.SerialNumber;
import io.muster.ca.key.KeyKind;
import io.muster.ca.pki.Issuers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each kind of certificate, read by Java and by BouncyCastle, field by field. */
class IssuedFieldsTest {

    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String KEY_USAGE = "2.5.29.15";
    private static final String PURPOSES = "2.5.29.37";
    private static final String NAMES = "2.5.29.17";
    private static final String SUBJECT_KEY = "2.5.29.14";
    private static final String ISSUER_KEY = "2.5.29.35";
    private static final String REVOCATION_LISTS = "2.5.29.31";
    private static final String POLICIES = "2.5.29.32";
    private static final String ACCESS = "1.3.6.1.5.5.7.1.1";
    private static final String OLD_REVOCATION_LIST = "2.16.840.1.113730.1.4";

    private static final int DIGITAL_SIGNATURE = 0;
    private static final int CERTIFICATE_SIGN = 5;
    private static final int LIST_SIGN = 6;

    private static Issuer deviceIssuer;
    private static Issuer serverIssuer;

    @BeforeAll
    static void makeIssuers() {
        deviceIssuer = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
        serverIssuer =
                Issuers.below(
                        CertificateKind.SERVER_ISSUING, KeyKind.EC_P256, "http://hub.example/ocsp");
    }

    @Test
    void aRootSignsItselfAndNamesNoRevocationList() throws Exception {
        IssuedCertificate root = Issuers.root().certificate();
        X509Certificate certificate = root.toJava();

        check(root, Issuers.root(), Duration.ofDays(20 * 365));
        assertThat(certificate.getSubjectX500Principal())
                .isEqualTo(certificate.getIssuerX500Principal())
                .hasToString("CN=Test Root G1, O=Test");
        assertThat(certificate.getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
        assertThat(usage(certificate)).containsExactly(CERTIFICATE_SIGN, LIST_SIGN);
        assertThat(certificate.getExtendedKeyUsage()).isNull();
        assertThat(certificate.getSubjectAlternativeNames()).isNull();
        assertExtensions(certificate, SUBJECT_KEY, ISSUER_KEY);
    }

    @Test
    void anIssuerForDevicesSignsNoAuthoritiesAndNoServers() throws Exception {
        IssuedCertificate issuer = deviceIssuer.certificate();
        X509Certificate certificate = issuer.toJava();

        check(issuer, Issuers.root(), Duration.ofDays(5 * 365));
        assertThat(certificate.getSubjectX500Principal()).hasToString("CN=Test device G1, O=Test");
        assertThat(certificate.getBasicConstraints()).isZero();
        assertThat(usage(certificate)).containsExactly(CERTIFICATE_SIGN, LIST_SIGN);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertExtensions(certificate, PURPOSES, SUBJECT_KEY, ISSUER_KEY, REVOCATION_LISTS, ACCESS);
        assertThat(addressOfRevocationList(issuer))
                .isEqualTo(Issuers.root().addresses().revocationList(issuer.serial()));
        assertThat(addressesOfAccess(issuer))
                .containsExactly("http://hub.example:8080/ca/root-g1.crt");
    }

    @Test
    void anIssuerForServersSignsNoAuthoritiesAndNoDevices() throws Exception {
        X509Certificate certificate = serverIssuer.certificate().toJava();

        check(serverIssuer.certificate(), Issuers.root(), Duration.ofDays(5 * 365));
        assertThat(certificate.getBasicConstraints()).isZero();
        assertThat(usage(certificate)).containsExactly(CERTIFICATE_SIGN, LIST_SIGN);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertExtensions(certificate, PURPOSES, SUBJECT_KEY, ISSUER_KEY, REVOCATION_LISTS, ACCESS);
    }

    @Test
    void aServerHasItsNamesAndAddresses() throws Exception {
        PublicKey key = Issuers.key(KeyKind.EC_P256).publicKey();
        Subject subject =
                Subject.server(List.of("127.0.0.1", "LocalHost", "*.hub.example", "::1"), "Test");
        IssuedCertificate server =
                Issuers.issue(serverIssuer, CertificateKind.SERVER, subject, key);
        X509Certificate certificate = server.toJava();

        check(server, serverIssuer, Duration.ofDays(90));
        assertThat(certificate.getSubjectX500Principal()).hasToString("CN=localhost, O=Test");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(usage(certificate)).containsExactly(DIGITAL_SIGNATURE);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(names(certificate))
                .containsExactly(
                        List.of(7, "127.0.0.1"),
                        List.of(2, "localhost"),
                        List.of(2, "*.hub.example"),
                        List.of(7, "0:0:0:0:0:0:0:1"));
        assertExtensions(
                certificate, PURPOSES, NAMES, SUBJECT_KEY, ISSUER_KEY, REVOCATION_LISTS, ACCESS);
        assertThat(addressesOfAccess(server))
                .containsExactly(
                        "http://hub.example:8080/ca/server-g1.crt", "http://hub.example/ocsp");
    }

    @Test
    void aDeviceHasItsNameAndTellsItsRevocationListTwice() throws Exception {
        PublicKey key = Issuers.key(KeyKind.EC_P256).publicKey();
        Subject subject = Subject.device(new DeviceUrn("pk_1", "d:1@x"), "Test");
        IssuedCertificate device =
                Issuers.issue(deviceIssuer, CertificateKind.DEVICE, subject, key);
        X509Certificate certificate = device.toJava();

        check(device, deviceIssuer, Duration.ofDays(365));
        assertThat(certificate.getSubjectX500Principal()).hasToString("CN=d:1@x, OU=pk_1, O=Test");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(usage(certificate)).containsExactly(DIGITAL_SIGNATURE);
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(names(certificate)).containsExactly(List.of(6, "urn:device:pk_1:d%3A1%40x"));
        assertExtensions(
                certificate,
                PURPOSES,
                NAMES,
                SUBJECT_KEY,
                ISSUER_KEY,
                REVOCATION_LISTS,
                ACCESS,
                OLD_REVOCATION_LIST);
        String list = deviceIssuer.addresses().revocationList(device.serial());
        assertThat(addressOfRevocationList(device)).isEqualTo(list);
        assertThat(
                        ASN1IA5String.getInstance(extension(certificate, OLD_REVOCATION_LIST))
                                .getString())
                .isEqualTo(list);
    }

    @Test
    void aDeviceWithALongKeyIsCalledByItsHash() throws Exception {
        String longKey = "k".repeat(65);
        Subject subject = Subject.device(new DeviceUrn("pk", longKey), null);
        PublicKey key = Issuers.key(KeyKind.ED25519).publicKey();

        X509Certificate certificate =
                Issuers.issue(deviceIssuer, CertificateKind.DEVICE, subject, key).toJava();

        String hash =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(longKey.getBytes(StandardCharsets.UTF_8)));
        assertThat(certificate.getSubjectX500Principal()).hasToString("CN=" + hash + ", OU=pk");
        assertThat(names(certificate)).containsExactly(List.of(6, "urn:device:pk:" + longKey));
    }

    @Test
    void aPolicyIsNamedIfThereIsOne() throws Exception {
        CertificateContent plain = deviceContent();
        IssuanceProfile profile = plain.profile().withPolicy("1.3.6.1.4.1.99999.1");
        CertificateContent content =
                new CertificateContent(
                        plain.issuer(),
                        plain.serial(),
                        profile,
                        plain.subject(),
                        plain.key(),
                        plain.validity());

        X509Certificate certificate = Issuers.issue(content).toJava();

        assertThat(certificate.getNonCriticalExtensionOIDs()).contains(POLICIES);
        assertThat(extension(certificate, POLICIES)).hasToString("[[1.3.6.1.4.1.99999.1]]");
    }

    @Test
    void timesFrom2050OnHaveFourDigitsOfTheYear() throws Exception {
        Instant late = Instant.parse("2049-06-01T00:00:00Z");
        Subject subject = Subject.authority("Late Root G1", null);
        Issuer root =
                Issuer.rootToBe(
                        new IssuerId("root", 1),
                        subject,
                        Issuers.root().key(),
                        Issuers.root().addresses());
        IssuanceProfile profile = IssuanceProfile.of(CertificateKind.ROOT);
        IssuedCertificate certificate =
                Issuers.issue(
                        new CertificateContent(
                                root,
                                new SerialNumber(5),
                                profile,
                                subject,
                                root.key().publicKey(),
                                profile.validity(late, null)));

        var times = certificate.holder().toASN1Structure();
        assertThat(times.getStartDate().toASN1Primitive()).isInstanceOf(ASN1UTCTime.class);
        assertThat(times.getEndDate().toASN1Primitive()).isInstanceOf(ASN1GeneralizedTime.class);
        assertThat(certificate.validity().notAfter())
                .isEqualTo(Instant.parse("2069-05-26T23:55:00Z"));
    }

    private static CertificateContent deviceContent() {
        return Issuers.content(
                deviceIssuer,
                CertificateKind.DEVICE,
                Subject.device(new DeviceUrn("pk", "dk"), null),
                Issuers.key(KeyKind.EC_P256).publicKey());
    }

    /** What is alike in all of them. */
    private static void check(IssuedCertificate issued, Issuer issuer, Duration life)
            throws Exception {
        X509Certificate certificate = issued.toJava();
        X509CertificateHolder holder = new X509CertificateHolder(issued.der());
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(holder.getVersionNumber()).isEqualTo(3);
        assertThat(certificate.getSerialNumber()).isPositive().isEqualTo(holder.getSerialNumber());
        assertThat(certificate.getSerialNumber().bitLength()).isBetween(1, 63);
        assertThat(certificate.getNotBefore().toInstant())
                .isEqualTo(Instant.parse("2026-03-01T11:55:00Z"))
                .isEqualTo(holder.getNotBefore().toInstant());
        assertThat(certificate.getNotAfter().toInstant())
                .isEqualTo(Instant.parse("2026-03-01T11:55:00Z").plus(life))
                .isEqualTo(holder.getNotAfter().toInstant());
        assertThat(certificate.getIssuerX500Principal())
                .isEqualTo(issuer.certificate().toJava().getSubjectX500Principal());
        certificate.verify(issuer.certificate().toJava().getPublicKey());
        assertThat(
                        holder.isSignatureValid(
                                new JcaContentVerifierProviderBuilder()
                                        .setProvider(new BouncyCastleProvider())
                                        .build(issuer.certificate().holder())))
                .isTrue();
        assertThat(certificate.getCriticalExtensionOIDs())
                .containsExactlyInAnyOrder(BASIC_CONSTRAINTS, KEY_USAGE);
        assertThat(SubjectKeyIdentifier.fromExtensions(holder.getExtensions()).getKeyIdentifier())
                .isEqualTo(sha1(certificate));
        AuthorityKeyIdentifier issuerKey =
                AuthorityKeyIdentifier.fromExtensions(holder.getExtensions());
        assertThat(issuerKey.getKeyIdentifierOctets())
                .isEqualTo(sha1(issuer.certificate().toJava()));
        assertThat(issuerKey.getAuthorityCertIssuer()).isNull();
        assertThat(issuerKey.getAuthorityCertSerialNumber()).isNull();
        assertThat(holder.getSubject().getRDNs())
                .allSatisfy(
                        part ->
                                assertThat(part.getFirst().getValue())
                                        .isInstanceOf(ASN1UTF8String.class));
    }

    private static byte[] sha1(X509Certificate certificate) throws Exception {
        byte[] bits =
                SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded())
                        .getPublicKeyData()
                        .getOctets();
        return MessageDigest.getInstance("SHA-1").digest(bits);
    }

    private static List<Integer> usage(X509Certificate certificate) {
        boolean[] bits = certificate.getKeyUsage();
        return IntStream.range(0, bits.length).filter(bit -> bits[bit]).boxed().toList();
    }

    private static void assertExtensions(X509Certificate certificate, String... types) {
        Set<String> all = new HashSet<>(certificate.getNonCriticalExtensionOIDs());
        assertThat(all).containsExactlyInAnyOrder(types);
    }

    private static Collection<List<?>> names(X509Certificate certificate) throws Exception {
        return certificate.getSubjectAlternativeNames();
    }

    private static ASN1Primitive extension(X509Certificate certificate, String type)
            throws Exception {
        return ASN1Primitive.fromByteArray(
                ASN1OctetString.getInstance(certificate.getExtensionValue(type)).getOctets());
    }

    private static String addressOfRevocationList(IssuedCertificate certificate) {
        DistributionPoint[] points =
                CRLDistPoint.getInstance(
                                certificate
                                        .holder()
                                        .getExtension(Extension.cRLDistributionPoints)
                                        .getParsedValue())
                        .getDistributionPoints();
        assertThat(points).hasSize(1);
        GeneralName[] names =
                GeneralNames.getInstance(points[0].getDistributionPoint().getName()).getNames();
        assertThat(names).hasSize(1);
        return names[0].getName().toString();
    }

    private static List<String> addressesOfAccess(IssuedCertificate certificate) {
        AccessDescription[] access =
                AuthorityInformationAccess.fromExtensions(certificate.holder().getExtensions())
                        .getAccessDescriptions();
        assertThat(access[0].getAccessMethod()).isEqualTo(AccessDescription.id_ad_caIssuers);
        return Arrays.stream(access)
                .map(one -> one.getAccessLocation().getName().toString())
                .toList();
    }
}
