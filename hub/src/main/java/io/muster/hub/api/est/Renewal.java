package io.muster.hub.api.est;

import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.hub.api.http.PeerCertificates.PeerCertificate;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a renewal demands of its request: the same names as those of the certificate that is renewed
 * (RFC 7030, section 4.2.2). Whether the key may be the same is for others to say. Shared, without
 * state.
 */
final class Renewal {

    private Renewal() {}

    /**
     * Compares them.
     *
     * @param der of a request of which {@code EncodedRequest} has found that it is strict
     * @throws RequestRefusedException naming what is different, or that it is no request
     */
    static void requireSameNames(byte[] der, PeerCertificate present) {
        PKCS10CertificationRequest request;
        Optional<GeneralNames> asked;
        try {
            request = new PKCS10CertificationRequest(der);
            asked = names(request.getRequestedExtensions());
        } catch (IOException | RuntimeException e) {
            // Whatever a parser stumbles upon.
            throw new RequestRefusedException(
                    RefusalCode.CSR_MALFORMED, "the body is no certification request (PKCS #10)");
        }
        X509CertificateHolder certificate = holder(present);
        if (!request.getSubject().equals(certificate.getSubject())) {
            throw new RequestRefusedException(
                    RefusalCode.SUBJECT_MISMATCH,
                    "the subject of the request is not that of the certificate that is renewed: "
                            + certificate.getSubject());
        }
        if (!asked.equals(names(certificate.getExtensions()))) {
            throw new RequestRefusedException(
                    RefusalCode.SAN_NOT_ALLOWED,
                    "the subject alternative name of the request is not that of the certificate"
                            + " that is renewed");
        }
    }

    private static Optional<GeneralNames> names(@Nullable Extensions extensions) {
        return Optional.ofNullable(extensions)
                .map(all -> all.getExtension(Extension.subjectAlternativeName))
                .map(Extension::getParsedValue)
                .map(GeneralNames::getInstance);
    }

    private static X509CertificateHolder holder(PeerCertificate present) {
        try {
            return new X509CertificateHolder(present.leaf().getEncoded());
        } catch (IOException | CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was accepted has an encoding", e);
        }
    }
}
