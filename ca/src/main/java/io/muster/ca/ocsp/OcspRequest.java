package io.muster.ca.ocsp;

import io.muster.ca.der.StrictDer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPRequest;
import org.bouncycastle.asn1.ocsp.Request;
import org.bouncycastle.asn1.ocsp.TBSRequest;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks. A signature of the request is not looked at, as nobody needs to be known who
 * asks (RFC 5019, 2.1.2).
 *
 * @param certificates at least one, at most {@value #MAX_CERTIFICATES}
 * @param nonce the extension to be sent back, whose value has 1 to 128 bytes (RFC 9654)
 */
record OcspRequest(List<CertID> certificates, Optional<Extension> nonce) {

    static final int MAX_BYTES = 8192;
    static final int MAX_CERTIFICATES = 16;
    static final int MAX_NONCE = 128;

    OcspRequest {
        certificates = List.copyOf(certificates);
    }

    /** The one in a body of a POST. */
    static OcspRequest read(byte[] body) throws OcspRefusedException {
        if (body.length > MAX_BYTES) {
            throw malformed("it has %d bytes; %d are allowed".formatted(body.length, MAX_BYTES));
        }
        Optional<String> fault = StrictDer.fault(body);
        if (fault.isPresent()) {
            throw malformed("it is not DER: " + fault.get());
        }
        try {
            OCSPRequest request = OCSPRequest.getInstance(ASN1Primitive.fromByteArray(body));
            if (request == null) {
                throw malformed("it is empty");
            }
            return read(request.getTbsRequest());
        } catch (IOException | RuntimeException e) {
            // Whatever a parser stumbles upon.
            throw malformed("it is no request: " + e.getMessage());
        }
    }

    /**
     * The one at the end of the address of a GET: base64, then escaped (RFC 6960, A.1).
     *
     * @param path what comes after the responder's own address and a slash, as it was sent
     */
    static OcspRequest readPath(String path) throws OcspRefusedException {
        // A character of base64 is three when it is escaped.
        if (path.length() > MAX_BYTES * 4) {
            throw malformed("its address has %d characters".formatted(path.length()));
        }
        try {
            return read(Base64.getDecoder().decode(unescape(path)));
        } catch (IllegalArgumentException e) {
            throw malformed("its address is not base64: " + e.getMessage());
        }
    }

    /** Only what base64 has and an address may not. A request never begins with a slash. */
    private static String unescape(String path) {
        String text = path;
        while (text.startsWith("/")) {
            text = text.substring(1);
        }
        return text.replace("%2B", "+")
                .replace("%2b", "+")
                .replace("%2F", "/")
                .replace("%2f", "/")
                .replace("%3D", "=")
                .replace("%3d", "=");
    }

    private static OcspRequest read(TBSRequest request) throws OcspRefusedException {
        if (request.getVersion() != null && !request.getVersion().hasValue(0)) {
            throw malformed("it is not of version 1");
        }
        ASN1Sequence list = request.getRequestList();
        if (list.size() == 0 || list.size() > MAX_CERTIFICATES) {
            throw malformed(
                    "it asks about %d certificates; 1 to %d are allowed"
                            .formatted(list.size(), MAX_CERTIFICATES));
        }
        List<CertID> certificates = new ArrayList<>();
        for (ASN1Encodable element : list) {
            Request single = Request.getInstance(element);
            refuseCritical(single.getSingleRequestExtensions());
            certificates.add(whole(single.getReqCert()));
        }
        Extensions extensions = request.getRequestExtensions();
        refuseCritical(extensions);
        return new OcspRequest(certificates, nonce(extensions));
    }

    /** The parser leaves some for later; here is where it may fail. */
    private static CertID whole(CertID id) {
        id.getHashAlgorithm().getAlgorithm();
        id.getIssuerNameHash().getOctets();
        id.getIssuerKeyHash().getOctets();
        id.getSerialNumber().getValue();
        return id;
    }

    private static void refuseCritical(@Nullable Extensions extensions)
            throws OcspRefusedException {
        if (extensions == null) {
            return;
        }
        for (ASN1ObjectIdentifier critical : extensions.getCriticalExtensionOIDs()) {
            if (!critical.equals(OCSPObjectIdentifiers.id_pkix_ocsp_nonce)) {
                throw malformed("its extension " + critical + " is critical and not known");
            }
        }
    }

    private static Optional<Extension> nonce(@Nullable Extensions extensions)
            throws OcspRefusedException {
        Extension nonce =
                extensions == null
                        ? null
                        : extensions.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
        if (nonce == null) {
            return Optional.empty();
        }
        int length = ASN1OctetString.getInstance(nonce.getParsedValue()).getOctets().length;
        if (length < 1 || length > MAX_NONCE) {
            throw malformed(
                    "its nonce has %d bytes; 1 to %d are allowed".formatted(length, MAX_NONCE));
        }
        return Optional.of(nonce);
    }

    private static OcspRefusedException malformed(String why) {
        return new OcspRefusedException(OcspStatus.MALFORMED_REQUEST, why);
    }
}
