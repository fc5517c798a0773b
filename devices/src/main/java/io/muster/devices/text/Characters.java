package io.muster.devices.text;

/**
 * The one rule for texts that are kept, wherever they come from: half of a surrogate pair is no
 * character. JSON can spell it; a database would keep a question mark, which is another name or
 * another password. Without state.
 */
public final class Characters {

    private Characters() {}

    /** Whether {@code text} has no half of a surrogate pair. */
    public static boolean areWhole(String text) {
        return text.codePoints()
                .noneMatch(
                        point ->
                                point >= Character.MIN_SURROGATE
                                        && point <= Character.MAX_SURROGATE);
    }

    /**
     * Returns {@code text} if its characters are whole.
     *
     * @param what it is
     * @throws IllegalArgumentException saying that {@code what} holds half of one
     */
    public static String requireWhole(String what, String text) {
        if (!areWhole(text)) {
            throw new IllegalArgumentException(
                    what + " holds half of a surrogate pair, which is no character");
        }
        return text;
    }
}
