package io.muster.ca.ocsp;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.pki.OpenSsl;
import io.muster.ca.pki.TestAuthority;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that openssl makes, and what it makes of our answers. */
class OcspOpenSslTest {

    private static final SerialNumber GOOD = new SerialNumber(0x1001);
    private static final SerialNumber REVOKED = new SerialNumber(0x2002);
    private static final SerialNumber UNKNOWN = new SerialNumber(0x3003);

    private final Instant now = Instant.now();
    private final TestAuthority issuer = TestAuthority.root("Devices G1", now);
    private final TestAuthority delegated = issuer.ocspResponder(now, Duration.ofDays(9));
    private final OpenSsl openssl;

    OcspOpenSslTest(@TempDir Path folder) {
        this.openssl = new OpenSsl(folder);
        openssl.writeCertificates("issuer.pem", issuer.certificate());
    }

    @Test
    void itAgreesWithTheIssuersAnswers() {
        agree(OcspSigner.issuer(issuer.certificate(), issuer), "-sha1");
        agree(OcspSigner.issuer(issuer.certificate(), issuer), "-sha256");
    }

    @Test
    void itAgreesWithADelegatedResponders() {
        agree(
                OcspSigner.delegated(issuer.certificate(), delegated.certificate(), delegated),
                "-sha1");
    }

    private void agree(OcspSigner signer, String hash) {
        for (SerialNumber serial : List.of(GOOD, REVOKED, UNKNOWN)) {
            String number = "0x" + serial;
            OpenSsl.Answer asked =
                    openssl.run(
                            "ocsp",
                            "-issuer",
                            "issuer.pem",
                            hash,
                            "-serial",
                            number,
                            "-reqout",
                            "request.der");
            assertThat(asked.exitCode()).as(asked.output()).isZero();

            OcspAnswer answer = responder(signer).answer(openssl.read("request.der"));

            openssl.write("response.der", answer.encoded());
            String judged =
                    openssl.run(
                                    "ocsp",
                                    "-issuer",
                                    "issuer.pem",
                                    hash,
                                    "-serial",
                                    number,
                                    "-CAfile",
                                    "issuer.pem",
                                    // The one of the request is enough.
                                    "-no_nonce",
                                    "-reqin",
                                    "request.der",
                                    "-respin",
                                    "response.der")
                            .output();
            assertThat(judged)
                    .contains("Response verify OK", number + ": " + word(serial))
                    .doesNotContain("no nonce", "WARNING");
        }
    }

    private static String word(SerialNumber serial) {
        if (serial.equals(GOOD)) {
            return "good";
        }
        return serial.equals(REVOKED) ? "revoked" : "unknown";
    }

    private OcspResponder responder(OcspSigner signer) {
        CertificateStates states =
                serial -> {
                    if (serial.equals(GOOD)) {
                        return CertificateState.GOOD;
                    }
                    return serial.equals(REVOKED)
                            ? CertificateState.revoked(now, RevocationReason.KEY_COMPROMISE)
                            : CertificateState.UNKNOWN;
                };
        return new OcspResponder(
                List.of(new OcspIssuer(issuer.certificate(), signer, states)),
                OcspResponder.DEFAULT_LIFETIME,
                Clock.systemUTC());
    }
}
