package io.muster.broker.topic;

/**
 * The levels of topic names and topic filters, read in place: a level is the range between two
 * separators, and no string is made of it. A level that begins behind the end of the text means
 * that there are no more.
 */
public final class Levels {

    private static final char SEPARATOR = '/';

    private Levels() {}

    /** How many levels a topic name or a topic filter has. */
    public static int count(String text) {
        int count = 1;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == SEPARATOR) {
                count++;
            }
        }
        return count;
    }

    /** Where the level that begins at {@code from} ends, exclusive. */
    public static int end(String text, int from) {
        int separator = text.indexOf(SEPARATOR, from);
        return separator < 0 ? text.length() : separator;
    }

    /** Whether the level {@code from..to} of a text is that of another one. */
    public static boolean equal(
            String text, int from, int to, String other, int otherFrom, int otherTo) {
        return to - from == otherTo - otherFrom
                && text.regionMatches(from, other, otherFrom, to - from);
    }

    /** Whether the level {@code from..to} of a text is this character and nothing else. */
    public static boolean is(char wildcard, String text, int from, int to) {
        return to - from == 1 && text.charAt(from) == wildcard;
    }
}
