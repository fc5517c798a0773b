package io.muster.broker.protocol.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against Java's own strict decoder, to which the rules of MQTT are added. */
class TextTest {

    private static final CharsetDecoder JAVA = UTF_8.newDecoder();
    private static final CharBuffer CHARACTERS = CharBuffer.allocate(100);

    /** What the bytes say, or null if they are not UTF-8. */
    private static @Nullable String decoded(byte[] bytes) {
        CHARACTERS.clear();
        boolean isText = !JAVA.reset().decode(ByteBuffer.wrap(bytes), CHARACTERS, true).isError();
        return isText ? CHARACTERS.flip().toString() : null;
    }

    private static boolean isRight(byte[] bytes, boolean refusesControls) {
        String text = decoded(bytes);
        return text != null
                && text.codePoints().noneMatch(c -> c == 0 || (refusesControls && isUnwelcome(c)));
    }

    /** Control characters and the 66 non-characters of Unicode. */
    private static boolean isUnwelcome(int codePoint) {
        return Character.getType(codePoint) == Character.CONTROL
                || (codePoint >= 0xFDD0 && codePoint <= 0xFDEF)
                || codePoint % 0x10000 >= 0xFFFE;
    }

    private static void check(byte[] bytes) {
        for (boolean refusesControls : new boolean[] {false, true}) {
            String violation = Text.violation(bytes, refusesControls);
            boolean isTaken = violation == null;
            if (isTaken != isRight(bytes, refusesControls) || (!isTaken && Text.isPlain(bytes))) {
                throw new AssertionError(
                        HexFormat.of().formatHex(bytes) + " is taken for: " + violation);
            }
        }
    }

    @Test
    void agreesOnAllSequencesOfUpToThreeBytes() {
        check(new byte[0]);
        for (int a = 0; a < 256; a++) {
            check(new byte[] {(byte) a});
            for (int b = 0; b < 256; b++) {
                check(new byte[] {(byte) a, (byte) b});
                if (a >= 0xE0) {
                    checkThirdBytes(a, b);
                }
            }
        }
    }

    /** Where the first byte asks for more; other sequences of three are two after another. */
    private static void checkThirdBytes(int a, int b) {
        for (int c = 0; c < 256; c++) {
            check(new byte[] {(byte) a, (byte) b, (byte) c});
        }
    }

    @Test
    void agreesOnAllCodePoints() {
        for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
            boolean isSurrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
            check(
                    isSurrogate
                            ? threeBytes(codePoint)
                            : Character.toString(codePoint).getBytes(UTF_8));
        }
    }

    private static byte[] threeBytes(int codePoint) {
        return new byte[] {
            (byte) (0xE0 | (codePoint >> 12)),
            (byte) (0x80 | ((codePoint >> 6) & 0x3F)),
            (byte) (0x80 | (codePoint & 0x3F))
        };
    }

    @Property(tries = 20_000)
    void agreesOnLongerSequences(@ForAll("almostUtf8") byte[] bytes) {
        check(bytes);
    }

    /** Made of whole characters and of pieces of broken ones. */
    @Provide
    Arbitrary<byte[]> almostUtf8() {
        Arbitrary<String> characters =
                Arbitraries.integers()
                        .between(0, 0x10FFFF)
                        .filter(c -> c < 0xD800 || c > 0xDFFF)
                        .map(c -> HexFormat.of().formatHex(Character.toString(c).getBytes(UTF_8)));
        Arbitrary<String> pieces =
                Arbitraries.of(
                        "61",
                        "80",
                        "bf",
                        "c0",
                        "c1",
                        "c2",
                        "e0",
                        "e0a0",
                        "ed",
                        "eda0",
                        "ef",
                        "efbf",
                        "f0",
                        "f090",
                        "f09080",
                        "f4",
                        "f48f",
                        "f490",
                        "f5",
                        "f8",
                        "fc",
                        "fe",
                        "ff",
                        "00",
                        "c080",
                        "eda080",
                        "edbfbf",
                        "f4908080",
                        "f0808080",
                        "e08080");
        return Arbitraries.frequencyOf(Tuple.of(6, characters), Tuple.of(1, pieces))
                .list()
                .ofMaxSize(8)
                .map(parts -> HexFormat.of().parseHex(String.join("", parts)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "overlong slash of two bytes, c0af, not UTF-8",
        "overlong slash of three bytes, e080af, not UTF-8",
        "overlong slash of four bytes, f08080af, not UTF-8",
        "high surrogate, eda080, surrogate",
        "surrogate pair as CESU-8 has it, eda0bdedb880, surrogate",
        "null character, 6100, U+0000",
        "beyond the last code point, f4908080, not UTF-8",
        "cut in the middle of a character, e282, not UTF-8",
        "Latin-1, 61e962, not UTF-8"
    })
    void saysWhatIsWrong(String name, String hex, String expected) {
        assertThat(Text.violation(Reading.bytes(hex), false))
                .as(name)
                .contains(expected)
                .contains("[MQTT-1.5.4-");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "line feed, 610a, U+000A",
        "delete, 7f, U+007F",
        "next line, c285, U+0085",
        "non-character of Arabic presentation forms, efb790, U+FDD0",
        "last of the first plane, efbfbf, U+FFFF",
        "last of all, f48fbfbf, U+10FFFF"
    })
    void refusesControlsAndNonCharactersIfAskedTo(String name, String hex, String expected) {
        byte[] bytes = Reading.bytes(hex);
        assertThat(Text.violation(bytes, false)).as(name).isNull();
        assertThat(Text.violation(bytes, true)).as(name).contains(expected);
    }

    @Test
    void aByteOrderMarkIsACharacterLikeOthers() {
        assertThat(Text.violation(Reading.bytes("efbbbf"), true)).isNull();
    }
}
