package io.muster.ca.request;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.der.StrictDer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;

/**
 * What somebody sent as a certification request: so much is known of it that it is one element of
 * DER and no longer than it may be. It is made before anybody asks who sent it, and costs next to
 * nothing; what it says is looked at later, by {@link RequestAcceptance}. Immutable, shared by
 * threads; does not block.
 */
public final class EncodedRequest {

    /** So long it may be as it was sent, be it PEM or DER. A usual one with RSA-4096 has 2 KiB. */
    public static final int MAX_BYTES = 16 * 1024;

    /** RFC 7468, 7 names both. */
    private static final List<String> LABELS =
            List.of("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");

    private static final byte SEQUENCE = 0x30;

    private final byte[] der;

    private EncodedRequest(byte[] der) {
        this.der = der;
    }

    /**
     * The one in this body: DER, or one block of PEM with at most blanks and line ends around it.
     *
     * @throws RequestRefusedException as {@link RefusalCode#CSR_TOO_LARGE} or {@link
     *     RefusalCode#CSR_MALFORMED}
     */
    public static EncodedRequest of(byte[] body) throws RequestRefusedException {
        checkSize(body.length);
        byte[] der =
                body.length > 0 && body[0] == SEQUENCE
                        ? body.clone()
                        : fromPem(new String(body, StandardCharsets.US_ASCII).strip());
        Optional<String> fault = StrictDer.fault(der);
        if (fault.isPresent()) {
            throw malformed("it is not DER: " + fault.get());
        }
        return new EncodedRequest(der);
    }

    /**
     * The one in this text, as {@link #of(byte[])}.
     *
     * @throws RequestRefusedException as {@link RefusalCode#CSR_TOO_LARGE} or {@link
     *     RefusalCode#CSR_MALFORMED}
     */
    public static EncodedRequest of(String pem) throws RequestRefusedException {
        // Before it is copied: a character is at least a byte
        checkSize(pem.length());
        return of(pem.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Of which algorithm the key in it says that it is, to tell why it was refused.
     *
     * @throws RequestRefusedException as {@link RefusalCode#CSR_MALFORMED} if it cannot be read
     */
    public ASN1ObjectIdentifier keyAlgorithm() throws RequestRefusedException {
        return read().getCertificationRequestInfo()
                .getSubjectPublicKeyInfo()
                .getAlgorithm()
                .getAlgorithm();
    }

    /** What it says, read strictly by RFC 2986. */
    CertificationRequest read() throws RequestRefusedException {
        CertificationRequest request;
        byte[] written;
        try {
            request = CertificationRequest.getInstance(ASN1Primitive.fromByteArray(der));
            written = request.getEncoded(ASN1Encoding.DER);
        } catch (IOException | RuntimeException e) {
            throw malformed("it is not built as RFC 2986 says");
        }
        if (!Arrays.equals(written, der)) {
            throw malformed("it is not built as RFC 2986 says, or not in DER");
        }
        if (request.getCertificationRequestInfo().getVersion().getValue().signum() != 0) {
            throw malformed("its version is not 0");
        }
        checkParts(request.getCertificationRequestInfo());
        return request;
    }

    /** What BouncyCastle would read only when it is asked for, and then with other exceptions. */
    private static void checkParts(CertificationRequestInfo info) throws RequestRefusedException {
        ASN1Set attributes = info.getAttributes();
        if (attributes == null) {
            throw malformed("its attributes are missing, which may be none but must be there");
        }
        try {
            for (RDN rdn : info.getSubject().getRDNs()) {
                ASN1Set names = (ASN1Set) rdn.toASN1Primitive();
                for (ASN1Encodable name : names) {
                    checkWhole(AttributeTypeAndValue.getInstance(name), name);
                }
                checkNotEmpty(names);
            }
            for (ASN1Encodable element : attributes) {
                Attribute attribute = Attribute.getInstance(element);
                checkWhole(attribute, element);
                checkNotEmpty(attribute.getAttrValues());
            }
        } catch (RuntimeException e) {
            throw malformed("its subject or one of its attributes is not a type with values");
        }
    }

    private static void checkWhole(ASN1Object read, ASN1Encodable written) {
        if (!read.toASN1Primitive().equals(written.toASN1Primitive())) {
            throw new IllegalArgumentException("has more than was read");
        }
    }

    private static void checkNotEmpty(ASN1Set values) {
        if (values.size() == 0) {
            throw new IllegalArgumentException("has no values");
        }
    }

    private static void checkSize(int length) throws RequestRefusedException {
        if (length > MAX_BYTES) {
            throw new RequestRefusedException(
                    RefusalCode.CSR_TOO_LARGE,
                    "The certification request is longer than " + MAX_BYTES + " bytes.");
        }
    }

    private static byte[] fromPem(String text) throws RequestRefusedException {
        for (String label : LABELS) {
            String begin = "-----BEGIN " + label + "-----";
            String end = "-----END " + label + "-----";
            if (text.startsWith(begin)) {
                if (text.length() < begin.length() + end.length() || !text.endsWith(end)) {
                    throw malformed("its last line is not the END of a " + label);
                }
                return fromBase64(text.substring(begin.length(), text.length() - end.length()));
            }
        }
        throw malformed("its first line is not the BEGIN of a CERTIFICATE REQUEST");
    }

    private static byte[] fromBase64(String lines) throws RequestRefusedException {
        if (lines.contains("-----")) {
            throw malformed("there is more than one block");
        }
        StringBuilder digits = new StringBuilder(lines.length());
        lines.chars()
                .filter(c -> c != '\n' && c != '\r' && c != ' ' && c != '\t')
                .forEach(c -> digits.append((char) c));
        String base64 = digits.toString();
        try {
            byte[] der = Base64.getDecoder().decode(base64);
            if (Base64.getEncoder().encodeToString(der).equals(base64)) {
                return der;
            }
        } catch (IllegalArgumentException e) {
            // As for what is decoded and is not what would be written
        }
        throw malformed("what it has between its first and its last line is not base64");
    }

    private static RequestRefusedException malformed(String what) {
        return new RequestRefusedException(
                RefusalCode.CSR_MALFORMED,
                "The certification request cannot be read: "
                        + what
                        + ". Allowed is one PKCS#10 request of version 0, as one block of PEM or in"
                        + " DER, with nothing around it.");
    }
}
