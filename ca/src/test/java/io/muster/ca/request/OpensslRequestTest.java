package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.RefusalCode;
import io.muster.ca.key.KeyKind;
import io.muster.ca.pki.OpenSsl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests as devices make them: with openssl, and with the keytool of the JDK. */
class OpensslRequestTest {

    private static final String NO_DEFAULTS = "[req]\ndistinguished_name=dn\n[dn]\n";

    private final Path folder;
    private final OpenSsl openssl;

    OpensslRequestTest(@TempDir Path folder) {
        this.folder = folder;
        this.openssl = new OpenSsl(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "-newkey rsa:2048, RSA_2048",
        "-newkey rsa:2048 -sha512, RSA_2048",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss, RSA_2048",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest, RSA_2048",
        "-newkey rsa:2048 -sha384 -sigopt rsa_padding_mode:pss, RSA_2048",
        "-newkey rsa:3072, RSA_3072",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256, EC_P256",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha384, EC_P256",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-384, EC_P384",
        "-newkey ed25519, ED25519",
        "-newkey ed25519 -newhdr, ED25519",
        "-newkey ed25519 -outform DER, ED25519",
        "-newkey ed25519 -addext subjectAltName=URI:urn:device:pk1:dev1, ED25519",
        "-newkey ed25519 -addext basicConstraints=CA:FALSE -addext keyUsage=digitalSignature"
                + " -addext extendedKeyUsage=clientAuth -addext subjectKeyIdentifier=hash, ED25519"
    })
    void whatIsAllowedIsTaken(String options, KeyKind kind) throws Exception {
        AcceptedRequest accepted = new Desk().accept(openssl(options));

        assertThat(accepted.keyKind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "-newkey rsa:1024, KEY_SIZE_NOT_ALLOWED",
        "-newkey rsa:2056, KEY_SIZE_NOT_ALLOWED",
        "-newkey rsa:2048 -pkeyopt rsa_keygen_pubexp:3, KEY_WEAK",
        "-newkey rsa:2048 -sha1, CSR_SIGALG",
        "-newkey rsa:2048 -sha224, CSR_SIGALG",
        "-newkey rsa:2048 -sha1 -sigopt rsa_padding_mode:pss, CSR_SIGALG",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:0, CSR_SIGALG",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha1, CSR_SIGALG",
        "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048, KEY_TYPE_NOT_ALLOWED",
        "-newkey ed448, KEY_TYPE_NOT_ALLOWED",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-521, KEY_TYPE_NOT_ALLOWED",
        "-newkey ec -pkeyopt ec_paramgen_curve:secp256k1, KEY_TYPE_NOT_ALLOWED",
        "-newkey ec -pkeyopt ec_paramgen_curve:sect283r1, KEY_TYPE_NOT_ALLOWED",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit,"
                + " KEY_TYPE_NOT_ALLOWED",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha512, CSR_SIGALG",
        "-newkey ed25519 -addext basicConstraints=CA:TRUE, EXTENSION_NOT_ALLOWED",
        "-newkey ed25519 -addext keyUsage=keyCertSign, EXTENSION_NOT_ALLOWED",
        "-newkey ed25519 -addext extendedKeyUsage=serverAuth, EXTENSION_NOT_ALLOWED",
        "-newkey ed25519 -addext subjectAltName=DNS:example.com, SAN_NOT_ALLOWED",
        "-newkey ed25519 -addext subjectAltName=URI:urn:device:pk1:dev2, SAN_NOT_ALLOWED",
        "-newkey ed25519 -text, CSR_MALFORMED"
    })
    void whatIsNotIsRefusedWithItsCode(String options, RefusalCode code) throws Exception {
        assertThat(new Desk().refusal(openssl(options)).code()).isEqualTo(code);
    }

    @Test
    void whatKeytoolMakesIsTaken() throws Exception {
        Path store = folder.resolve("device.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> common =
                List.of("-keystore", store.toString(), "-storepass", "changeit", "-alias", "dev");
        run(
                command(
                        List.of(keytool, "-genkeypair", "-keyalg", "RSA", "-keysize", "2048"),
                        List.of("-dname", "CN=dev1, OU=pk1, O=Maker"),
                        common));

        byte[] request = run(command(List.of(keytool, "-certreq"), common, List.of()));

        assertThat(new Desk().accept(request).keyKind()).isEqualTo(KeyKind.RSA_2048);
    }

    /** A request of dev1, made with these options. */
    private byte[] openssl(String options) throws Exception {
        Path request = folder.resolve("request");
        Path configuration = Files.writeString(folder.resolve("openssl.cnf"), NO_DEFAULTS);
        List<String> arguments =
                command(
                        List.of("req", "-new", "-nodes", "-batch"),
                        List.of("-config", configuration.toString()),
                        List.of("-keyout", folder.resolve("key").toString()),
                        List.of("-subj", "/CN=dev1", "-out", request.toString()),
                        List.of(options.split(" ")));
        OpenSsl.Answer answer = openssl.run(arguments.toArray(String[]::new));
        assertThat(answer.exitCode()).as(answer.output()).isZero();
        return Files.readAllBytes(request);
    }

    @SafeVarargs
    private static List<String> command(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    private byte[] run(List<String> command) throws Exception {
        Path complaints = folder.resolve("complaints");
        Process process = new ProcessBuilder(command).redirectError(complaints.toFile()).start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(
                        () ->
                                String.join(" ", command)
                                        + "\n"
                                        + new String(output, StandardCharsets.UTF_8))
                .isZero();
        return output;
    }
}
