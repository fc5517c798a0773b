package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.crl.CrlTimes;
import io.muster.ca.key.KeyKind;
import io.muster.devices.certificate.Sha256;
import io.muster.hub.config.certificates.AuthorityConfig;
import io.muster.hub.config.certificates.CaSource;
import io.muster.hub.config.certificates.TrustConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateConfigurationTest extends ConfigurationFile {

    @Test
    void anAuthorityIsThereWithoutAWord() {
        assertThat(load("").hub().certificates().authority()).isEqualTo(AuthorityConfig.DEFAULT);
    }

    private static final String PIN = "3F:" + "a9:".repeat(30) + "00";

    @Test
    void anotherAuthorityIsInAFileOrPinnedAtAnAddress() {
        String rest = ", revocation = unchecked }";
        assertThat(sources("{ name = a, ca-file = a.pem" + rest))
                .containsExactly(CaSource.of(Path.of("a.pem")));
        assertThat(
                        sources(
                                "{ name = a, ca-url = \"http://pki.example/a.pem\", ca-sha256 ="
                                        + " [\"%s\"], authority-sha256 = [\"%s\"]"
                                                .formatted(PIN, "ab".repeat(32))
                                        + rest))
                .containsExactly(
                        new CaSource(
                                "http://pki.example/a.pem",
                                Set.of(new Sha256("3f" + "a9".repeat(30) + "00")),
                                Set.of(new Sha256("ab".repeat(32)))));
    }

    private List<CaSource> sources(String external) {
        return load("certificates.trust.external = [" + external + "]")
                .hub()
                .certificates()
                .trust()
                .external()
                .stream()
                .map(TrustConfig.External::ca)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ca-url = "https://pki.example/a.pem"                        | ca-sha256 = [...]: must be the SHA-256 of at least one
                    ca-url = "https://pki.example/a.pem", ca-sha256 = [ab]      | ca-sha256 = [...]: must be a list of SHA-256
                    ca-url = "ftp://pki.example/a.pem"                          | ca-url = ftp://pki.example/a.pem: must be an address
                    ca-url = "http://me:secret@pki.example/"                    | must be an address
                    ca-url = "http://pki.example/", ca-file = a.pem             | ca-file = a.pem: must be left out with ca-url
                    binding = none                                              | ca-file = \"\": must be the path of a file, or left out with
                    ca-file = a.pem, ca-sha256 = ["%PIN%"]                      | must be left out without ca-url
                    ca-file = a.pem, authority-sha256 = ["%PIN%"]               | must be left out without ca-url
                    """)
    void whereAnotherAuthorityIsIsSaidInOneWay(String entry, String problem) {
        assertThat(
                        problems(
                                "certificates.trust.external = [{ name = a, revocation ="
                                        + " unchecked, %s }]"
                                                .formatted(entry.replace("%PIN%", PIN))))
                .anySatisfy(
                        line -> assertThat(line).contains("trust.external.0.").contains(problem));
    }

    @Test
    void isReadFromTheFile() {
        assertThat(
                        load("""
                                certificates.authority {
                                  enabled = true
                                  organization = "Plant 7"
                                  public-address = "https://pki.example/hub"
                                  keys {
                                    store = pkcs11
                                    pkcs11-library = /lib/softhsm.so
                                    pkcs11-slot = 3
                                    pkcs11-pin-file = pin
                                    root = rsa-4096, device-ec = ec-p384, device-rsa = rsa-3072
                                    server = rsa-2048
                                  }
                                  crl { partitions = 4, life = 10h, reissue-after = 30m }
                                  life { root = 3650d, issuing = 730d }
                                  server { names = ["hub.example", "::1"], keys = [rsa-2048, ec-p256]
                                    life = 30d }
                                }
                                """)
                                .hub()
                                .certificates()
                                .authority())
                .isEqualTo(
                        new AuthorityConfig(
                                true,
                                "Plant 7",
                                Optional.of("https://pki.example/hub"),
                                new AuthorityConfig.Storage.Token(
                                        Path.of("/lib/softhsm.so"), 3, Path.of("pin")),
                                new AuthorityConfig.Keys(
                                        KeyKind.RSA_4096,
                                        KeyKind.EC_P384,
                                        KeyKind.RSA_3072,
                                        KeyKind.RSA_2048),
                                new AuthorityConfig.Lists(
                                        4,
                                        new CrlTimes(Duration.ofHours(10), Duration.ofMinutes(30))),
                                new AuthorityConfig.Lives(
                                        Duration.ofDays(3650), Duration.ofDays(730)),
                                new AuthorityConfig.Server(
                                        List.of("hub.example", "::1"),
                                        List.of(KeyKind.RSA_2048, KeyKind.EC_P256),
                                        Duration.ofDays(30))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    organization = ""              | organization = "": must be a text of 1 to 64
                    public-address = "hub.example" | public-address = hub.example: must be an address
                    public-address = "http://a/"   | public-address = http://a/: must be an address
                    keys.store = tpm               | keys.store = tpm: must be one of: files, pkcs11
                    keys.root = ec-p256            | keys.root = ec-p256: must be one of: rsa-4096, ec-p384
                    keys.device-rsa = ec-p256      | must be one of: rsa-2048, rsa-3072, rsa-4096
                    crl.partitions = 0             | crl.partitions = 0: must be a whole number from 1 to 1024
                    crl.reissue-after = 13h        | crl.life = 24h: must be at least twice certificates.authority.crl.reissue-after
                    life.issuing = 3000d, certificates.authority.life.root = 2000d | life.root = 2000d: must be at least
                    server.names = ["a b"]         | server.names = [...]: must be a list of host names and IP addresses
                    server.keys = []               | must be at least one kind of key
                    server.keys = [ed25519]        | must be a list, each one of: rsa-2048
                    server.life = 400d             | server.life = 400d: must be a duration from 1h to 398d
                    """)
    void saysWhatIsNotAllowedAndWhatIs(String setting, String problem) {
        assertThat(problems("certificates.authority." + setting))
                .singleElement()
                .asString()
                .contains(problem);
    }

    @Test
    void aTokenNeedsItsLibraryAndItsPin() {
        assertThat(problems("certificates.authority.keys.store = pkcs11"))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("the path of a file with store"));
    }

    @Test
    void whereListsAreIsNotLeftToTheSystem() {
        assertThat(problems("management.port = 0"))
                .singleElement()
                .asString()
                .contains(
                        "certificates.authority.public-address = \"\": must be an address, since"
                                + " management.port = 0");
        assertThat(
                        load("""
                                        management.port = 0
                                        listeners = [{ name = tcp, port = 1883 }]
                                        certificates.authority.enabled = false
                                        """)
                                .hub()
                                .certificates()
                                .authority()
                                .enabled())
                .isFalse();
    }
}
