package io.muster.ca.crl;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.pki.OpenSsl;
import io.muster.ca.pki.TestAuthority;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What openssl makes of our lists; by the time of this machine, as it asks for no other. */
class CrlOpenSslTest {

    private static final Clock CLOCK = Clock.systemUTC();
    private static final CrlPartitions PARTITIONS =
            CrlPartitions.ofUserCertificates(4, "http://hub.example/crl/g1/");
    private static final CrlPartitions COMPLETE =
            CrlPartitions.complete("http://hub.example/crl/root.crl");

    /** Two of one partition, and one of another. */
    private static final SerialNumber GOOD = inPartition(1, 100);

    private static final SerialNumber REVOKED = inPartition(1, 200);
    private static final SerialNumber ELSEWHERE = inPartition(2, 100);

    private final Instant now = CLOCK.instant();
    private final TestAuthority root = TestAuthority.root("Root", now);
    private final TestAuthority issuing = root.issuing("Devices G1", 2, now, COMPLETE.address(0));
    private final OpenSsl openssl;

    CrlOpenSslTest(@TempDir Path folder) {
        this.openssl = new OpenSsl(folder);
    }

    @Test
    void itFindsTheSignatureOfEachKindOfKeyGood() throws Exception {
        verifySignature(issuing);
        verifySignature(
                root.issuing(
                        "RSA G1",
                        3,
                        now,
                        COMPLETE.address(0),
                        TestAuthority.rsaKeys(2048),
                        "SHA256withRSA"));
        verifySignature(root.issuing("Ed G1", 4, now, COMPLETE.address(0), edwards(), "Ed25519"));
    }

    private void verifySignature(TestAuthority authority) {
        openssl.writeCertificates("issuer.pem", authority.certificate());
        openssl.writeCrls("crl.pem", crl(authority, PARTITIONS, 1, REVOKED));

        OpenSsl.Answer answer =
                openssl.run("crl", "-in", "crl.pem", "-CAfile", "issuer.pem", "-noout");

        assertThat(answer.output()).contains("verify OK");
    }

    @Test
    void itReadsWhatStandsOnIt() {
        openssl.write("crl.der", crl(issuing, PARTITIONS, 1, REVOKED));

        String text =
                openssl.run("crl", "-inform", "DER", "-in", "crl.der", "-noout", "-text").output();

        assertThat(text)
                .contains("Version 2 (0x1)")
                .containsPattern("X509v3 CRL Number: *\\n *9\\n")
                .containsPattern("X509v3 Issuing Distribution Point: critical")
                .contains("URI:http://hub.example/crl/g1/1.crl", "Only User Certificates")
                .containsIgnoringCase(
                        "Serial Number: " + REVOKED.toString().replaceFirst("^0+", ""))
                .contains("Key Compromise");
    }

    @Test
    void itTakesWhatIsNotOnTheListOfItsPartition() {
        OpenSsl.Answer answer = verify(GOOD, crl(issuing, PARTITIONS, 1, REVOKED));

        assertThat(answer.output()).contains("leaf.pem: OK");
    }

    @Test
    void itRefusesWhatIs() {
        OpenSsl.Answer answer = verify(REVOKED, crl(issuing, PARTITIONS, 1, REVOKED));

        assertThat(answer.exitCode()).isNotZero();
        assertThat(answer.output()).contains("certificate revoked");
    }

    @Test
    void itDoesNotTakeAnotherPartitionsListForIts() {
        OpenSsl.Answer answer = verify(ELSEWHERE, crl(issuing, PARTITIONS, 1, REVOKED));

        assertThat(answer.exitCode()).isNotZero();
        assertThat(answer.output()).containsIgnoringCase("CRL");
        assertThat(verify(ELSEWHERE, crl(issuing, PARTITIONS, 2)).output())
                .contains("leaf.pem: OK");
    }

    @Test
    void anEmptyListIsNone() {
        assertThat(verify(GOOD, crl(issuing, PARTITIONS, 1)).output()).contains("leaf.pem: OK");
    }

    @Test
    void anIssuerOnTheListOfTheRootTakesItsCertificatesWithIt() {
        openssl.writeCrls(
                "crls.pem",
                crl(issuing, PARTITIONS, 1),
                crl(root, COMPLETE, 0, new SerialNumber(2)));

        OpenSsl.Answer answer = verifyWithCrls(GOOD);

        assertThat(answer.exitCode()).isNotZero();
        assertThat(answer.output()).contains("certificate revoked", "at 1 depth");
    }

    private OpenSsl.Answer verify(SerialNumber serial, byte[] crl) {
        openssl.writeCrls("crls.pem", crl, crl(root, COMPLETE, 0));
        return verifyWithCrls(serial);
    }

    private OpenSsl.Answer verifyWithCrls(SerialNumber serial) {
        X509CertificateHolder leaf =
                issuing.device(serial, now, PARTITIONS.address(PARTITIONS.of(serial)));
        openssl.writeCertificates("root.pem", root.certificate());
        openssl.writeCertificates("issuing.pem", issuing.certificate());
        openssl.writeCertificates("leaf.pem", leaf);
        return openssl.run(
                "verify",
                "-x509_strict",
                "-purpose",
                "sslclient",
                "-crl_check_all",
                "-CAfile",
                "root.pem",
                "-untrusted",
                "issuing.pem",
                "-CRLfile",
                "crls.pem",
                "leaf.pem");
    }

    private byte[] crl(
            TestAuthority authority,
            CrlPartitions partitions,
            int partition,
            SerialNumber... revoked) {
        List<CrlEntry> entries =
                List.of(revoked).stream()
                        .map(
                                serial ->
                                        new CrlEntry(
                                                serial,
                                                now.minus(Duration.ofHours(1)),
                                                RevocationReason.KEY_COMPROMISE))
                        .toList();
        return new CrlIssuer(
                        authority.certificate(), authority, partitions, CrlTimes.DEFAULT, CLOCK)
                .issue(partition, 9, entries);
    }

    private static KeyPair edwards() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    private static SerialNumber inPartition(int partition, long from) {
        long value = from;
        while (PARTITIONS.of(new SerialNumber(value)) != partition) {
            value++;
        }
        return new SerialNumber(value);
    }
}
