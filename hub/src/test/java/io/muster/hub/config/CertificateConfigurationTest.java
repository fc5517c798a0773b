package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.ca.crl.CrlTimes;
import io.muster.ca.key.KeyKind;
import io.muster.hub.config.certificates.AuthorityConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificateConfigurationTest extends ConfigurationFile {

    @Test
    void anAuthorityIsThereWithoutAWord() {
        assertThat(load("").hub().certificates().authority()).isEqualTo(AuthorityConfig.DEFAULT);
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
