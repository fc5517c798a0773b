package io.muster.loadtest.scenario;

/** Checks options, with a sentence that names what is allowed. */
final class Range {

    private static final int SECONDS_MAX = 86_400;

    private Range() {}

    static void check(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s must be from %d to %d, not %d".formatted(option, min, max, value));
        }
    }

    static void checkSeconds(String option, double value, double min) {
        // Written so that NaN is refused too.
        if (!(value >= min && value <= SECONDS_MAX)) {
            throw new IllegalArgumentException(
                    "%s must be from %s to %d seconds, not %s"
                            .formatted(option, min, SECONDS_MAX, value));
        }
    }
}
