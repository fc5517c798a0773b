package io.muster.broker.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerCertificateTest {

    private static final Pki.Authority AUTHORITY = new Pki.Authority("authority");
    private static final Pki.Issued EC =
            AUTHORITY.server(Pki.ecKey(), "Hub.example", "*.devices.example", "192.0.2.1");

    @Test
    void isRefusedWithTheKeyOfAnother() {
        KeyPair other = Pki.ecKey();
        assertThatThrownBy(
                        () -> new ServerCertificate(List.of(EC.certificate()), other.getPrivate()))
                .hasMessage("the key does not belong to the certificate");
        KeyPair ofAnotherKind = Pki.rsaKey();
        assertThatThrownBy(
                        () ->
                                new ServerCertificate(
                                        List.of(EC.certificate()), ofAnotherKind.getPrivate()))
                .hasMessage("the key does not belong to the certificate");
    }

    @Test
    void isRefusedWithAnotherKindOfKey() {
        Pki.Issued large = AUTHORITY.server(Pki.key("EC", "secp521r1"), "large.example");
        assertThatThrownBy(large::asServer).hasMessageContaining("EC on P-256 or P-384");
        Pki.Issued modern = AUTHORITY.server(Pki.key("EdDSA", "Ed25519"), "modern.example");
        assertThatThrownBy(modern::asServer).hasMessageContaining("EC on P-256 or P-384");
    }

    @Test
    void isRefusedWithoutOrderInItsChain() {
        assertThatThrownBy(
                        () ->
                                new ServerCertificate(
                                        List.of(AUTHORITY.certificate(), EC.certificate()),
                                        EC.key()))
                .hasMessageContaining("certificate 1 was not issued by certificate 2");
        assertThat(
                        new ServerCertificate(
                                        List.of(EC.certificate(), AUTHORITY.certificate()),
                                        EC.key())
                                .chain())
                .hasSize(2);
        assertThatThrownBy(() -> new ServerCertificate(List.of(), EC.key()))
                .hasMessageContaining("no certificate");
    }

    @ParameterizedTest
    @CsvSource({
        "hub.example,true",
        "HUB.EXAMPLE,true",
        "a.devices.example,true",
        "devices.example,false",
        "a.b.devices.example,false",
        "example,false",
        "192.0.2.1,false"
    })
    void isForTheHostsThatItNames(String host, boolean isFor) {
        assertThat(EC.asServer().isFor(host)).isEqualTo(isFor);
    }

    @Test
    void isCalledByItsFirstName() {
        assertThat(EC.asServer().name()).isEqualTo("hub.example");
        assertThat(EC.asServer().toString()).doesNotContain("key").contains("hub.example");
    }
}
