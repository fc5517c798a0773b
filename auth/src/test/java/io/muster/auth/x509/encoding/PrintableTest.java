package io.muster.auth.x509.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void whatCouldForgeALineOrHideInOneIsWrittenAsANumber() {
        assertThat(Printable.of("a\nb\r\u0000\u2028\u202e\u200b"))
                .isEqualTo("a\\u{a}b\\u{d}\\u{0}\\u{2028}\\u{202e}\\u{200b}");
    }

    @Test
    void otherCharactersStayAsTheyAre() {
        assertThat(Printable.of("CN=Ger\u00e4t 7, O=\u20ac\ud83d\ude00 \\u{a}"))
                .isEqualTo("CN=Ger\u00e4t 7, O=\u20ac\ud83d\ude00 \\u{a}");
    }

    @Test
    void aLongTextIsCut() {
        assertThat(Printable.of("\ud83d\ude00".repeat(2000)))
                .isEqualTo("\ud83d\ude00".repeat(1000));
    }
}
