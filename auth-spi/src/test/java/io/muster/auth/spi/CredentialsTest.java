package io.muster.auth.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    @Test
    void aPasswordChangedBySenderOrReaderStaysWhatItWas() {
        byte[] sent = bytes("secret");
        Credentials credentials = credentials("id", "user", sent);

        sent[0] = 'X';
        credentials.password().orElseThrow()[1] = 'Y';

        assertThat(credentials.password().orElseThrow()).isEqualTo(bytes("secret"));
    }

    @Test
    void theCertificateChainIsCopied() {
        List<X509Certificate> chain = new ArrayList<>();
        Credentials credentials =
                new Credentials(
                        "id",
                        Optional.empty(),
                        Optional.empty(),
                        chain,
                        new InetSocketAddress(0),
                        4,
                        "mqtt");
        chain.add(null);

        assertThat(credentials.peerCertificates()).isEmpty();
    }

    @Test
    void printsWhoItIsButNotThePassword() {
        assertThat(credentials("id-1", "user-1", bytes("hunter2")).toString())
                .contains("id-1", "user-1", "mqtt")
                .doesNotContain("hunter2");
    }

    @Test
    void printsNamesThatForgeALogLineEscaped() {
        assertThat(
                        credentials("a\nclient connected", "b\r\u2028\u0007\u202e", bytes("p"))
                                .toString())
                .contains("a\\u{a}client connected", "b\\u{d}\\u{2028}\\u{7}\\u{202e}")
                .doesNotContain("\n", "\r", "\u2028");
    }

    @Test
    void printsALoneSurrogateEscapedAndOtherScriptsAsTheyAre() {
        assertThat(Credentials.printable("\ud800 Gerät 温度 😀")).isEqualTo("\\u{d800} Gerät 温度 😀");
    }

    @Test
    void printsOnlyTheBeginningOfALongName() {
        assertThat(credentials("x".repeat(60_000), "user", bytes("p")).toString())
                .contains("x".repeat(200))
                .doesNotContain("x".repeat(201));
    }

    private static Credentials credentials(String clientIdentifier, String user, byte[] password) {
        return new Credentials(
                clientIdentifier,
                Optional.of(user),
                Optional.of(password),
                List.of(),
                new InetSocketAddress(0),
                4,
                "mqtt");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
