package io.muster.hub.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.hub.config.HubConfig;
import io.muster.hub.config.InvalidConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {

    private static final Instant NOW = Instant.parse("2031-01-01T00:00:00Z");
    private static final Certificates.Pair SERVER =
            Certificates.server(Certificates.ec(), "hub.example", NOW.plus(Duration.ofDays(1)));

    private Path folder;
    private Path certificate;
    private Path key;

    @BeforeEach
    void write(@TempDir Path files) {
        folder = files;
        certificate = folder.resolve("server.pem");
        key = folder.resolve("server.key");
        SERVER.write(certificate, key);
    }

    private HubConfig.Tls config(Optional<Path> clientCa) {
        HubConfig.Tls usual = HubConfig.Tls.NONE;
        return new HubConfig.Tls(
                usual.provider(),
                List.of(new HubConfig.Tls.CertificateFiles(certificate, key)),
                clientCa,
                usual.handshakeTimeout(),
                usual.handshakesMax(),
                usual.reloadInterval());
    }

    private TlsFiles read() {
        return TlsFiles.read(config(Optional.empty()), NOW);
    }

    private void assertProblem(String... parts) {
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        InvalidConfigException.class,
                        e -> assertThat(e.problems()).singleElement().asString().contains(parts));
    }

    @Test
    void readsKeysOfPkcs8AndOfSec1() {
        assertThat(read().certificates()).hasSize(1);
        Certificates.write(key, Certificates.sec1(SERVER.keys()));
        assertThat(((ECPrivateKey) read().certificates().get(0).key()).getS())
                .isEqualTo(((ECPrivateKey) SERVER.keys().getPrivate()).getS());
    }

    @Test
    void readsKeysOfRsaInBothForms() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        Certificates.Pair rsa =
                Certificates.server(keys, "rsa.example", NOW.plus(Duration.ofDays(1)));
        rsa.write(certificate, key);
        assertThat(read().certificates().get(0).key()).isEqualTo(keys.getPrivate());
        Certificates.write(key, keys);
        assertThat(key).content().contains("BEGIN RSA PRIVATE KEY");
        assertThat(read().certificates().get(0).key()).isEqualTo(keys.getPrivate());
    }

    @Test
    void namesTheKeyAndTheFileThatIsNotThere() throws IOException {
        Files.delete(key);
        assertProblem("tls.certificates.0.key-file = " + key, "there is no such file");
        Files.createDirectory(key);
        assertProblem("tls.certificates.0.key-file = " + key, "it is a folder");
    }

    @Test
    void namesWhatIsMissingInAFile() throws IOException {
        Files.writeString(certificate, "hello");
        assertProblem("tls.certificates.0.certificate-file", "no -----BEGIN CERTIFICATE-----");
        SERVER.write(certificate, key);
        Files.copy(certificate, key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertProblem("tls.certificates.0.key-file", "no -----BEGIN PRIVATE KEY-----");
        Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        assertProblem("tls.certificates.0.key-file", "the key cannot be read");
        Files.writeString(
                key, "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n");
        assertProblem("tls.certificates.0.key-file", "the key cannot be read");
        Files.writeString(
                key,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        assertProblem("tls.certificates.0.key-file", "the key is encrypted");
        Files.write(key, new byte[(1 << 20) + 1]);
        assertProblem("tls.certificates.0.key-file", "more than 1048576 bytes");
    }

    @Test
    void refusesAKeyThatBelongsToAnotherCertificate() {
        Certificates.write(key, Certificates.pkcs8(Certificates.ec()));
        assertProblem(
                "tls.certificates.0.certificate-file = " + certificate,
                "tls.certificates.0.key-file = " + key,
                "the key does not belong to the certificate");
    }

    @Test
    void tellsAllThatIsWrongAtOnce() {
        assertThatThrownBy(
                        () ->
                                TlsFiles.read(
                                        new HubConfig.Tls(
                                                HubConfig.Tls.NONE.provider(),
                                                List.of(
                                                        new HubConfig.Tls.CertificateFiles(
                                                                folder.resolve("a"),
                                                                folder.resolve("b"))),
                                                Optional.of(folder.resolve("c")),
                                                Duration.ofSeconds(1),
                                                1,
                                                Duration.ofSeconds(1)),
                                        NOW))
                .isInstanceOfSatisfying(
                        InvalidConfigException.class, e -> assertThat(e.problems()).hasSize(2));
    }

    @Test
    void warnsOfCertificatesThatAreNotWithinTheirDates() {
        assertThat(read().warnings()).isEmpty();
        assertThat(TlsFiles.read(config(Optional.empty()), NOW.plus(Duration.ofDays(2))).warnings())
                .singleElement()
                .asString()
                .contains("tls.certificates.0.certificate-file", "CN=hub.example", "expired at");
        assertThat(
                        TlsFiles.read(config(Optional.empty()), NOW.minus(Duration.ofDays(20)))
                                .warnings())
                .singleElement()
                .asString()
                .contains("is not valid before");
    }
}
