package io.muster.ca.issuance;

import io.muster.ca.DeviceUrn;
import io.muster.ca.issuance.AlternativeName.NameType;
import io.muster.ca.key.KeyKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Time;
import org.jspecify.annotations.Nullable;

/**
 * Compares a certificate, read back from its bytes, with what it is to say, field by field, and
 * with what its kind permits. It shares no code with what has written the certificate but the table
 * of kinds, so that a mistake there is found here. It does not verify the signature.
 */
final class CertificateLinter {

    /** Longer ones are refused by those who read ours. */
    static final int LONGEST_CERTIFICATE = 8192;

    private static final int FIRST_YEAR_OF_GENERALIZED_TIME = 2050;

    private final CertificateContent content;
    private final List<String> faults = new ArrayList<>();

    private CertificateLinter(CertificateContent content) {
        this.content = content;
    }

    /** What is wrong; empty if nothing is. */
    static List<String> faults(CertificateContent content, byte[] der) {
        CertificateLinter linter = new CertificateLinter(content);
        try {
            Certificate certificate = linter.read(der);
            linter.compareFields(certificate);
            linter.compareSubject(certificate);
            linter.compareNamesWithKind();
            linter.faults.addAll(ExtensionLinter.faults(content, certificate.getTBSCertificate()));
            linter.readByJava(der);
        } catch (IOException | RuntimeException | CertificateException unreadable) {
            linter.faults.add("it cannot be read back: " + unreadable);
        }
        return List.copyOf(linter.faults);
    }

    private void require(boolean condition, String fault) {
        if (!condition) {
            faults.add(fault);
        }
    }

    private Certificate read(byte[] der) throws IOException {
        require(
                der.length <= LONGEST_CERTIFICATE,
                "it has " + der.length + " bytes, more than " + LONGEST_CERTIFICATE);
        Certificate certificate = Certificate.getInstance(ASN1Primitive.fromByteArray(der));
        require(Arrays.equals(certificate.getEncoded("DER"), der), "it is not DER");
        return certificate;
    }

    private void compareFields(Certificate certificate) throws IOException {
        require(certificate.getVersionNumber() == 3, "its version is not 3");
        require(
                certificate.getSerialNumber().getValue().equals(content.serial().toInteger()),
                "its serial number is another");
        require(
                certificate
                        .getSignatureAlgorithm()
                        .equals(certificate.getTBSCertificate().getSignature()),
                "it says two algorithms of its signature");
        require(
                certificate.getSignatureAlgorithm().equals(content.issuer().key().algorithm()),
                "its signature has another algorithm than the issuer's key");
        require(
                Arrays.equals(
                        certificate.getIssuer().getEncoded("DER"),
                        content.issuer().name().getEncoded("DER")),
                "its issuer is another");
        require(
                certificate.getSubjectPublicKeyInfo().equals(content.keyInfo()),
                "its key is another");
        require(
                KeyKind.of(certificate.getSubjectPublicKeyInfo())
                        .filter(content.profile().keys()::contains)
                        .isPresent(),
                "its key is of a kind that is not permitted");
        require(
                certificate.getTBSCertificate().getIssuerUniqueId() == null
                        && certificate.getTBSCertificate().getSubjectUniqueId() == null,
                "it has unique identifiers");
        compareTimes(certificate);
    }

    private void compareTimes(Certificate certificate) {
        compareTime("begin", certificate.getStartDate(), content.validity().notBefore());
        compareTime("end", certificate.getEndDate(), content.validity().notAfter());
        require(
                !content.validity().notAfter().isAfter(content.issuer().end()),
                "it outlives its issuer");
        require(
                content.validity().life().compareTo(content.profile().longest()) <= 0
                        && content.validity().life().compareTo(content.profile().shortest()) >= 0,
                "its life is out of range");
    }

    private void compareTime(String which, Time time, Instant expected) {
        require(time.getDate().toInstant().equals(expected), "its " + which + " is another");
        boolean general = time.toASN1Primitive() instanceof ASN1GeneralizedTime;
        require(
                general || time.toASN1Primitive() instanceof ASN1UTCTime,
                "its " + which + " is no time");
        int year = expected.atOffset(ZoneOffset.UTC).getYear();
        require(
                general == (year >= FIRST_YEAR_OF_GENERALIZED_TIME),
                "its " + which + " is of the wrong type of time");
    }

    private void compareSubject(Certificate certificate) {
        Subject subject = content.subject();
        List<String> expected = new ArrayList<>();
        addPart(expected, BCStyle.O, subject.organization());
        addPart(expected, BCStyle.OU, subject.organizationalUnit());
        addPart(expected, BCStyle.CN, subject.commonName());
        List<String> found = new ArrayList<>();
        for (RDN part : certificate.getSubject().getRDNs()) {
            require(!part.isMultiValued(), "a part of its subject has several values");
            require(
                    part.getFirst().getValue() instanceof ASN1UTF8String,
                    "a part of its subject is no text of UTF-8");
            addPart(found, part.getFirst().getType(), part.getFirst().getValue().toString());
        }
        require(found.equals(expected), "its subject is another: " + found);
    }

    private static void addPart(
            List<String> parts, ASN1ObjectIdentifier type, @Nullable String value) {
        if (value != null) {
            parts.add(type + "=" + value);
        }
    }

    /** Names that say who it is must say the same. */
    private void compareNamesWithKind() {
        Subject subject = content.subject();
        List<AlternativeName> names = subject.alternativeNames();
        switch (content.kind()) {
            case ROOT, CROSS, DEVICE_ISSUING, SERVER_ISSUING, OCSP_SIGNER ->
                    require(names.isEmpty(), "it has names of hosts or devices and is neither");
            case SERVER -> {
                require(
                        !names.isEmpty() && names.stream().noneMatch(n -> n.type() == NameType.URI),
                        "a server has no hosts and addresses, or others besides");
                require(
                        names.stream().anyMatch(n -> n.value().equals(subject.commonName())),
                        "the common name of a server is none of its names");
            }
            case DEVICE -> {
                boolean one = names.size() == 1 && names.get(0).type() == NameType.URI;
                require(one, "a device has not one name, a URI");
                if (one) {
                    compareDevice(DeviceUrn.parse(names.get(0).value()));
                }
            }
        }
        require(
                content.issuer().signs(content.kind()),
                "its issuer signs no certificates of this kind");
    }

    private void compareDevice(DeviceUrn urn) {
        Subject subject = content.subject();
        require(
                subject.commonName().equals(Subject.deviceCommonName(urn)),
                "the common name of a device is not its key");
        require(
                Objects.equals(subject.organizationalUnit(), urn.productKey()),
                "the organizational unit of a device is not the key of its product");
    }

    /** Others read certificates by Java, which is strict about other things. */
    private void readByJava(byte[] der) throws CertificateException, IOException {
        X509Certificate certificate =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(der));
        require(
                !certificate.hasUnsupportedCriticalExtension(),
                "Java does not know one of its critical extensions");
        require(
                (certificate.getBasicConstraints() >= 0) == content.kind().isAuthority(),
                "Java takes it for what it is not, an authority or none");
        require(
                Arrays.equals(
                        certificate.getSubjectX500Principal().getEncoded(),
                        content.subject().toName().getEncoded("DER")),
                "its subject is not equal to that which was asked for");
    }
}
