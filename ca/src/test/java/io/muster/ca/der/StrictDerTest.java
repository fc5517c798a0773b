package io.muster.ca.der;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictDerTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3000",
                "3003020100",
                "020200ff",
                "02017f",
                "0201ff",
                "0500",
                "0101ff",
                "030100",
                "03020780",
                "a0023000",
                "800201ff",
                "0400"
            })
    void whatIsDerPasses(String hex) {
        assertThat(StrictDer.fault(HexFormat.of().parseHex(hex))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', ends too early",
        "30, ends too early",
        "3001, ends too early",
        "300102, ends too early",
        "3082, ends too early",
        "30820100, ends too early",
        "30840000000000, length that is indefinite or far too great",
        "30800000, length that is indefinite or far too great",
        "30810100, length that could be shorter",
        "3082000100, length that could be shorter",
        "300000, 1 bytes behind the end",
        "30020000, tag that nothing has here",
        "1f8100, tag that nothing has here",
        "1000, 'element in parts, or in none'",
        "240400020000, 'element in parts, or in none'",
        "0200, value that is not in DER",
        "02020001, value that is not in DER",
        "0202ff80, value that is not in DER",
        "010101, value that is not in DER",
        "01020000, value that is not in DER",
        "050100, value that is not in DER",
        "0300, value that is not in DER",
        "03020801, value that is not in DER",
        "03020101, value that is not in DER",
        "030101, value that is not in DER",
        "0600, value that is not in DER"
    })
    void whatIsNotIsNamed(String hex, String fault) {
        assertThat(StrictDer.fault(HexFormat.of().parseHex(hex)))
                .hasValueSatisfying(words -> assertThat(words).startsWith(fault));
    }

    @Test
    void lengthsOfAllFormsAreRead() {
        byte[] longer = new byte[4 + 300];
        longer[0] = 0x04;
        longer[1] = (byte) 0x82;
        longer[2] = 1;
        longer[3] = 44;

        assertThat(StrictDer.fault(longer)).isEmpty();
        assertThat(StrictDer.fault(Arrays.copyOf(longer, 303))).isPresent();
    }

    @Test
    void whatIsNestedDeeplyIsRefusedAtOnce() {
        assertThat(StrictDer.fault(nested(StrictDer.MAX_DEPTH))).isEmpty();
        assertThat(StrictDer.fault(nested(StrictDer.MAX_DEPTH + 1)))
                .hasValueSatisfying(words -> assertThat(words).startsWith("nested deeper than"));
    }

    private static byte[] nested(int depth) {
        byte[] bytes = new byte[2 * depth];
        for (int i = 0; i < depth; i++) {
            bytes[2 * i] = 0x30;
            bytes[2 * i + 1] = (byte) (2 * (depth - i - 1));
        }
        return bytes;
    }
}
