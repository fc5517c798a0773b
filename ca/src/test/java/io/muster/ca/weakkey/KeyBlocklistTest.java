package io.muster.ca.weakkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.KeyHash;
import java.io.IOException;
import java.io.StringReader;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyBlocklistTest {

    private static final String HASH = "0123456789abcdef".repeat(4);

    @Test
    void hasTheKeysOfAFileAndNoOthers() throws IOException {
        String text =
                "# leaked\n\n"
                        + HASH.toUpperCase(Locale.ROOT)
                        + " # by a router\r\n  "
                        + "f".repeat(64);

        KeyBlocklist list = KeyBlocklist.read(new StringReader(text));

        assertThat(list.size()).isEqualTo(2);
        assertThat(list.contains(new KeyHash(HASH))).isTrue();
        assertThat(list.contains(new KeyHash("f".repeat(64)))).isTrue();
        assertThat(list.contains(new KeyHash("0".repeat(64)))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "0123456789abcdeg", "0123 4567"})
    void namesTheLineThatIsNoHash(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyBlocklist.read(new StringReader(HASH + "\n\n" + line)))
                .withMessageStartingWith("line 3: ");
    }

    @Test
    void aLineWithoutEndIsNotKept() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyBlocklist.read(new StringReader("#".repeat(1_001))))
                .withMessageStartingWith("line 1: ");
    }

    @Test
    void twoListsMakeOne() throws IOException {
        KeyBlocklist both =
                KeyBlocklist.read(new StringReader(HASH))
                        .and(KeyBlocklist.read(new StringReader("f".repeat(64))));

        assertThat(both.contains(new KeyHash(HASH))).isTrue();
        assertThat(both.contains(new KeyHash("f".repeat(64)))).isTrue();
    }

    /** Of RFC 8032, 7.1, TEST 1, and RFC 6979, A.2.5: the public halves, as they are printed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "302a300506032b6570032100"
                        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                        + "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
            })
    void keysOfExamplesArePublished(String key) {
        KeyHash hash = KeyHash.ofDer(HexFormat.of().parseHex(key));

        assertThat(KeyBlocklist.published().contains(hash)).isTrue();
    }

    @Test
    void allPublishedKeysAreRead() {
        assertThat(KeyBlocklist.published().size()).isEqualTo(12);
    }
}
