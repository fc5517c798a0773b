package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.DeviceUrn;
import io.muster.ca.key.KeyKind;
import io.muster.ca.pki.Issuers;
import io.muster.ca.pki.OpenSsl;
import io.muster.ca.pki.OpenSsl.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What openssl, at its strictest, says of our chains. */
class OpenSslVerifyTest {

    private static final String AT = "1772366400"; // 2026-03-01T12:00:00Z

    private static Path folder;
    private static OpenSsl openssl;
    private static Path root;
    private static Issuer serverIssuer;

    @BeforeAll
    static void writeRoot(@TempDir Path shared) throws Exception {
        folder = shared;
        openssl = new OpenSsl(shared);
        root = write("root", Issuers.root().certificate());
        serverIssuer = Issuers.below(CertificateKind.SERVER_ISSUING, KeyKind.EC_P256, null);
    }

    private static Path write(String name, IssuedCertificate certificate) throws Exception {
        return Files.writeString(folder.resolve(name + ".crt"), certificate.pem());
    }

    private static Answer verify(Issuer issuer, String purpose, IssuedCertificate leaf)
            throws Exception {
        Path chain = write("issuer", issuer.certificate());
        Path file = write("leaf", leaf);
        return openssl.run(
                "verify",
                "-x509_strict",
                "-attime",
                AT,
                "-purpose",
                purpose,
                "-CAfile",
                root.toString(),
                "-untrusted",
                chain.toString(),
                file.toString());
    }

    @ParameterizedTest
    @EnumSource(
            value = KeyKind.class,
            names = {"EC_P256", "EC_P384", "RSA_2048", "ED25519"})
    void aDeviceIsAClientWhateverTheKeyOfItsIssuer(KeyKind kind) throws Exception {
        Issuer issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, kind, null);
        Subject subject = Subject.device(new DeviceUrn("pk", "d:k"), "Test");
        IssuedCertificate device =
                Issuers.issue(
                        issuer,
                        CertificateKind.DEVICE,
                        subject,
                        Issuers.key(KeyKind.EC_P256).publicKey());

        Answer asClient = verify(issuer, "sslclient", device);
        assertThat(asClient.exitCode()).as(asClient.output()).isZero();
        assertThat(asClient.output()).contains("leaf.crt: OK");
        assertThat(verify(issuer, "sslserver", device).exitCode()).isNotZero();
    }

    @Test
    void aServerIsAServerAndNoClient() throws Exception {
        Subject subject = Subject.server(List.of("localhost", "127.0.0.1"), "Test");
        IssuedCertificate server =
                Issuers.issue(
                        serverIssuer,
                        CertificateKind.SERVER,
                        subject,
                        Issuers.key(KeyKind.EC_P256).publicKey());

        Answer asServer = verify(serverIssuer, "sslserver", server);
        assertThat(asServer.exitCode()).as(asServer.output()).isZero();
        assertThat(verify(serverIssuer, "sslclient", server).exitCode()).isNotZero();
    }

    @Test
    void aDeviceIsShownWithAllItsFields() throws Exception {
        Issuer issuer = Issuers.below(CertificateKind.DEVICE_ISSUING, KeyKind.EC_P256, null);
        IssuedCertificate device =
                Issuers.issue(
                        issuer,
                        CertificateKind.DEVICE,
                        Subject.device(new DeviceUrn("pk", "d:k"), "Test"),
                        Issuers.key(KeyKind.EC_P256).publicKey());

        Path file = write("shown", device);
        String text = openssl.run("x509", "-noout", "-text", "-in", file.toString()).output();

        String list = issuer.addresses().revocationList(device.serial());
        assertThat(text)
                .contains("Subject: O = Test, OU = pk, CN = d:k")
                .contains("URI:urn:device:pk:d%3Ak")
                .contains("Netscape CA Revocation Url:", list)
                .contains("CA Issuers - URI:http://hub.example:8080/ca/device-g1.crt")
                .contains("TLS Web Client Authentication")
                .contains("CA:FALSE");
    }
}
