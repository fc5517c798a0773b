package io.muster.ca.request;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.der.ObjectIdentifiers;
import io.muster.ca.issuance.AlternativeName;
import io.muster.ca.issuance.CertificateKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.microsoft.MicrosoftObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;

/**
 * The rule about extensions that a request asks for. Each must be, byte for byte, what the
 * certificate gets anyway; then nothing has to be read out of it, and nobody is left to believe
 * that he got more. Other attributes, such as a challenge password, ask for nothing in the
 * certificate and are not looked at.
 */
final class ExtensionRules {

    /** The attribute of PKCS#9 (RFC 2985, 5.4.2), and an older one that some still send. */
    private static final Set<ASN1ObjectIdentifier> REQUESTS =
            Set.of(
                    PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                    MicrosoftObjectIdentifiers.microsoft.branch("2.1.14"));

    private ExtensionRules() {}

    /** Refuses what the certificate of this applicant and key will not have. */
    static void check(ASN1Set attributes, Applicant applicant, SubjectPublicKeyInfo key)
            throws RequestRefusedException {
        Set<ASN1ObjectIdentifier> seen = new HashSet<>();
        for (Extension extension : requested(attributes)) {
            ASN1ObjectIdentifier type = extension.getExtnId();
            if (!seen.add(type)) {
                throw notAllowed(
                        "the extension " + ObjectIdentifiers.text(type) + " twice", applicant);
            }
            byte[] value = extension.getExtnValue().getOctets();
            if (Extension.subjectAlternativeName.equals(type)) {
                checkAlternativeName(value, applicant);
            } else if (!isInCertificate(type, value, applicant, key)) {
                throw notAllowed("the extension " + ObjectIdentifiers.text(type), applicant);
            }
        }
    }

    private static List<Extension> requested(ASN1Set attributes) throws RequestRefusedException {
        List<ASN1Encodable> requests = new ArrayList<>();
        for (ASN1Encodable element : attributes) {
            Attribute attribute = Attribute.getInstance(element);
            if (REQUESTS.contains(attribute.getAttrType())) {
                attribute.getAttrValues().forEach(requests::add);
            }
        }
        if (requests.size() > 1) {
            throw unreadable("more than one list of extensions");
        }
        List<Extension> extensions = new ArrayList<>();
        try {
            for (ASN1Encodable request : requests) {
                for (ASN1Encodable element : ASN1Sequence.getInstance(request)) {
                    extensions.add(extension(element));
                }
            }
        } catch (IOException | RuntimeException e) {
            throw unreadable("a list of extensions that is not built as RFC 5280 says");
        }
        return extensions;
    }

    private static Extension extension(ASN1Encodable element) throws IOException {
        Extension extension = Extension.getInstance(element);
        // DER has no critical FALSE, which is the default
        if (!Arrays.equals(
                der(extension), element.toASN1Primitive().getEncoded(ASN1Encoding.DER))) {
            throw new IOException("not in DER");
        }
        return extension;
    }

    private static void checkAlternativeName(byte[] value, Applicant applicant)
            throws RequestRefusedException {
        if (!isOf(value, applicant)) {
            throw new RequestRefusedException(
                    RefusalCode.SAN_NOT_ALLOWED,
                    "The certification request asks for other alternative names than "
                            + inWords(applicant)
                            + "; allowed are just these, or none.");
        }
    }

    /** In any order, each once, and in DER. */
    private static boolean isOf(byte[] value, Applicant applicant) {
        try {
            GeneralNames asked = GeneralNames.getInstance(value);
            List<GeneralName> names = List.of(asked.getNames());
            Set<GeneralName> own =
                    applicant.names().stream()
                            .map(AlternativeName::toGeneralName)
                            .collect(Collectors.toSet());
            return Arrays.equals(value, der(asked))
                    && names.size() == own.size()
                    && own.equals(new HashSet<>(names));
        } catch (RuntimeException malformed) {
            return false;
        }
    }

    private static String inWords(Applicant applicant) {
        return applicant.names().stream()
                .map(name -> name.type() + ":" + name.value())
                .collect(Collectors.joining(", "));
    }

    private static boolean isInCertificate(
            ASN1ObjectIdentifier type,
            byte[] value,
            Applicant applicant,
            SubjectPublicKeyInfo key) {
        ASN1Object own;
        if (Extension.basicConstraints.equals(type)) {
            own = new BasicConstraints(false);
        } else if (Extension.keyUsage.equals(type)) {
            own = new KeyUsage(applicant.kind().keyUsage());
        } else if (Extension.extendedKeyUsage.equals(type)) {
            own = new ExtendedKeyUsage(applicant.kind().purpose().orElseThrow());
        } else if (Extension.subjectKeyIdentifier.equals(type)) {
            own = keyIdentifier(key);
        } else {
            return false;
        }
        return Arrays.equals(value, der(own));
    }

    /** RFC 5280, 4.2.1.2, the first method: a name for the key, nothing that protects. */
    private static SubjectKeyIdentifier keyIdentifier(SubjectPublicKeyInfo key) {
        return new BcX509ExtensionUtils().createSubjectKeyIdentifier(key);
    }

    private static byte[] der(ASN1Object object) {
        try {
            return object.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RequestRefusedException unreadable(String what) {
        return new RequestRefusedException(
                RefusalCode.EXTENSION_NOT_ALLOWED, "The certification request has " + what + ".");
    }

    private static RequestRefusedException notAllowed(String what, Applicant applicant) {
        return new RequestRefusedException(
                RefusalCode.EXTENSION_NOT_ALLOWED,
                "The certification request asks for "
                        + what
                        + " with a value that the certificate will not have. Allowed are no"
                        + " extensions, or each at most once: basicConstraints CA:FALSE, keyUsage"
                        + " digitalSignature, extendedKeyUsage "
                        + (applicant.kind() == CertificateKind.SERVER ? "serverAuth" : "clientAuth")
                        + ", the subjectKeyIdentifier that is the SHA-1 of the key, subjectAltName "
                        + inWords(applicant)
                        + ".");
    }
}
