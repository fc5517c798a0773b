package io.muster.broker.log;

import java.util.regex.Pattern;

/**
 * A value of a log line that somebody else chose, such as a client identifier or a user name. It is
 * printed so that it can forge neither a line nor a further {@code key=value} in it: printable
 * ASCII without space, equals sign, quotation mark and backslash as it is; all else in quotation
 * marks and with escapes. What is longer than 200 characters is cut, and followed by three dots.
 * Immutable.
 *
 * <pre>{@code log.info("client connected client={}", new Quoted(clientIdentifier));}</pre>
 *
 * @param text as it was sent
 */
public record Quoted(String text) {

    private static final int LENGTH_MAX = 200;

    /** Control, format, surrogate and unassigned characters, and what separates lines. */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}]");

    private static final Pattern QUOTES = Pattern.compile("[\"\\\\]");

    @Override
    public String toString() {
        if (isPlain(text)) {
            return text;
        }
        String beginning = beginning(text);
        String escaped = escape(QUOTES.matcher(beginning).replaceAll("\\\\$0"));
        return '"' + escaped + (beginning.length() < text.length() ? "\"..." : "\"");
    }

    /** Most texts are: looked at without a pattern, for each connection is logged. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c > '~' || c == '=' || c == '"' || c == '\\') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= LENGTH_MAX;
    }

    private static String beginning(String text) {
        int length = Math.min(LENGTH_MAX, text.codePointCount(0, text.length()));
        return text.substring(0, text.offsetByCodePoints(0, length));
    }

    private static String escape(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(match -> "\\\\u{%x}".formatted(match.group().codePointAt(0)));
    }
}
