package io.muster.devices.product;

/**
 * Something was to be changed that somebody else has changed meanwhile. The message says which
 * revision it has.
 */
public final class RevisionConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long present;

    /**
     * It is at another revision than was expected.
     *
     * @param what it is, such as {@code product 'pump'}
     * @param expected 0 if there was to be none
     * @param present 0 if there is none
     */
    public RevisionConflictException(String what, long expected, long present) {
        super(sentence(what, expected, present));
        this.present = present;
    }

    private static String sentence(String what, long expected, long present) {
        if (present == 0) {
            return "%s is not there, so it is not at revision %d".formatted(what, expected);
        }
        return expected == 0
                ? "%s is there already, at revision %d".formatted(what, present)
                : "%s is at revision %d, not %d".formatted(what, present, expected);
    }

    /** The revision that it has; 0 if there is none. */
    public long present() {
        return present;
    }
}
