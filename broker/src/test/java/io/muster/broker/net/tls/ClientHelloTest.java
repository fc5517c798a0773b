package io.muster.broker.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientHelloTest {

    private static ByteBuf hello(String suites, String extensions) {
        String hex =
                "0303"
                        + "00".repeat(32)
                        + "00"
                        + "%04X".formatted(suites.length() / 2)
                        + suites
                        + "0100"
                        + "%04X".formatted(extensions.length() / 2)
                        + extensions;
        return Unpooled.wrappedBuffer(java.util.HexFormat.of().parseHex(hex));
    }

    /** Suites, schemes, and what certificates suit them. */
    @ParameterizedTest
    @CsvSource({
        "C02BC02F,'',true,true",
        "C02FC030,'',false,true",
        "C02B,'',true,false",
        "C009C013,'',false,false",
        "1301,000D00040002 0403,true,false",
        "1301,000D00040002 0804,false,true",
        "1301C02F,000D0006000408040403,true,true",
        "C02BC02F,000D000400020401,false,true"
    })
    void tellsWhatCertificatesSuit(String suites, String extensions, boolean ec, boolean rsa) {
        ClientHello hello = ClientHello.read(hello(suites, extensions.replace(" ", "")));
        assertThat(hello).isEqualTo(new ClientHello(Optional.empty(), ec, rsa, false));
    }

    @Test
    void tellsTheHostThatIsAskedFor() {
        ClientHello hello =
                ClientHello.read(
                        hello("1301", "0000" + "0008" + "0006" + "00" + "0003" + "612E62"));
        assertThat(hello.serverName()).contains("a.b");
    }

    @Test
    void knowsNothingOfWhatCannotBeRead() {
        assertThat(ClientHello.read(null)).isEqualTo(ClientHello.UNKNOWN);
        ByteBuf whole = hello("1301", "0000" + "0008" + "0006" + "00" + "0003" + "612E62");
        for (int length = 0; length < whole.readableBytes(); length++) {
            assertThat(ClientHello.read(whole.slice(0, length)).takesEc()).isTrue();
        }
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            assertThat(ClientHello.read(Unpooled.wrappedBuffer(bytes))).isNotNull();
        }
    }
}
