package io.muster.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedTest {

    private static String quoted(String text) {
        return new Quoted(text).toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "pk/dk|1", "{}", "application:x-1_~'!"})
    void showsAPlainNameAsItIs(String name) {
        assertThat(quoted(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    ~~                      | ""
                    a client=admin          | "a client=admin"
                    a=b                     | "a=b"
                    x" client="admin        | "x\\" client=\\"admin"
                    back\\slash             | "back\\\\slash"
                    Gerät 温度 😀           | "Gerät 温度 😀"
                    """)
    void putsWhatCouldPassForMoreInQuotationMarks(String name, String shown) {
        assertThat(quoted(name)).isEqualTo(shown);
    }

    /** Line ends of all kinds, and what turns the direction of writing. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\u001b"})
    void escapesWhatIsNotPrintable(String control) {
        assertThat(quoted("a" + control + "b"))
                .isEqualTo("\"a\\u{%x}b\"".formatted((int) control.charAt(0)));
    }

    @Test
    void escapesALoneSurrogate() {
        assertThat(quoted("\ud800")).isEqualTo("\"\\u{d800}\"");
    }

    @Test
    void twoNamesNeverLookAlike() {
        assertThat(quoted("\n")).isNotEqualTo(quoted("\\u{a}"));
        assertThat(quoted("a b")).isNotEqualTo(quoted("\"a b\""));
    }

    @Test
    void cutsALongName() {
        assertThat(quoted("x".repeat(200))).isEqualTo("x".repeat(200));
        assertThat(quoted("x".repeat(201))).isEqualTo('"' + "x".repeat(200) + "\"...");
        assertThat(quoted("😀".repeat(60_000))).isEqualTo('"' + "😀".repeat(200) + "\"...");
    }
}
