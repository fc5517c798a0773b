package io.muster.loadtest.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.loadtest.fleet.CertificateRequest.KeyKind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateFolderTest {

    private final Path folder;

    CertificateFolderTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @EnumSource
    void aRequestNamesTheDeviceAndProvesThatItHasTheKey(KeyKind kind) throws Exception {
        CertificateRequest request = CertificateRequest.make("lt-00007", kind);

        PKCS10CertificationRequest parsed;
        try (PEMParser parser = new PEMParser(new StringReader(request.csr()))) {
            parsed = (PKCS10CertificationRequest) parser.readObject();
        }
        PublicKey key = new JcaPKCS10CertificationRequest(parsed).getPublicKey();
        assertThat(parsed.getSubject()).hasToString("OU=loadtest,CN=lt-00007");
        assertThat(key.getAlgorithm()).isEqualTo(kind.name());
        assertThat(parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key)))
                .isTrue();
    }

    @Test
    void keepsKeysForTheOwnerOnlyAndKnowsWhoHasBoth() throws IOException {
        CertificateFolder certificates = new CertificateFolder(folder.resolve("new/folder"));
        CertificateRequest request = CertificateRequest.make("lt-00001", KeyKind.EC);
        assertThat(certificates.holds("lt-00001")).isFalse();

        certificates.add(new IssuedCertificate(request, "a chain"));
        certificates.add(new IssuedCertificate(request, "another chain"));

        Path key = folder.resolve("new/folder/lt-00001.key");
        assertThat(certificates.holds("lt-00001")).isTrue();
        assertThat(folder.resolve("new/folder/lt-00001.crt")).hasContent("another chain");
        assertThat(key).content().startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void saysThatAFolderCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> new CertificateFolder(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("folder " + file + " cannot be made");
    }
}
