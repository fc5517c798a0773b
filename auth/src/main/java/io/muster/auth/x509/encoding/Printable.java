package io.muster.auth.x509.encoding;

import java.util.regex.Pattern;

/** Texts of strangers as messages quote them, fit for a line of the log. */
public final class Printable {

    /** Of a message; whatever it quotes. */
    private static final int LENGTH_MAX = 1000;

    /** Control and format characters, line ends, halves of pairs, and what has no meaning. */
    private static final Pattern FORGING = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private Printable() {}

    /**
     * At most 1,000 characters of a text, of which those that could forge a line, or hide in one,
     * are written as numbers: a line feed is <code>&#92;u{a}</code>.
     */
    public static String of(String text) {
        int length = Math.min(LENGTH_MAX, text.codePointCount(0, text.length()));
        return FORGING.matcher(text.substring(0, text.offsetByCodePoints(0, length)))
                .replaceAll(match -> "\\\\u{%x}".formatted(match.group().codePointAt(0)));
    }
}
