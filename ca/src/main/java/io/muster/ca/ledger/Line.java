package io.muster.ca.ledger;

/** Checks short texts that are written down as they come: who did something, and which request. */
final class Line {

    private static final int LENGTH_MAX = 200;

    private Line() {}

    /** Returns {@code text} if it is 1 to 200 characters in one line. */
    static String require(String what, String text) {
        if (text.isEmpty()
                || text.codePointCount(0, text.length()) > LENGTH_MAX
                || text.codePoints().anyMatch(Line::isNoText)) {
            throw new IllegalArgumentException(
                    what + " is not 1 to 200 characters, none of them a control character");
        }
        return text;
    }

    private static boolean isNoText(int codePoint) {
        return Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.SURROGATE;
    }
}
