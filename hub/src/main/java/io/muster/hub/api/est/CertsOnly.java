package io.muster.hub.api.est;

import io.javalin.http.Context;
import io.muster.ca.issuance.IssuedCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;

/** Answers in the forms of EST: base64 in lines, as RFC 8951 has it. Shared, without state. */
final class CertsOnly {

    static final String TYPE = "application/pkcs7-mime; smime-type=certs-only";

    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\r\n".getBytes(StandardCharsets.US_ASCII));

    private CertsOnly() {}

    /** Answers with certificates: a CMS message without content and signers (RFC 5272, 4.1). */
    static void answer(Context ctx, List<IssuedCertificate> certificates) {
        CMSSignedDataGenerator message = new CMSSignedDataGenerator();
        try {
            for (IssuedCertificate each : certificates) {
                message.addCertificate(each.holder());
            }
            answer(ctx, TYPE, message.generate(new CMSAbsentContent()).getEncoded("DER"));
        } catch (CMSException | IOException e) {
            throw new IllegalStateException("certificates of ours cannot be encoded", e);
        }
    }

    /** Answers with any DER. */
    static void answer(Context ctx, String type, byte[] der) {
        ctx.status(200)
                .contentType(type)
                .header("Content-Transfer-Encoding", "base64")
                .header("Cache-Control", "no-store")
                .result(LINES.encode(der));
    }
}
