package io.muster.loadtest.options;

import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** Reads a constant whatever the case of its letters. */
final class Choice {

    private Choice() {}

    static <E extends Enum<E>> E of(Class<E> kinds, String value) {
        for (E kind : kinds.getEnumConstants()) {
            if (kind.name().equalsIgnoreCase(value)) {
                return kind;
            }
        }
        throw new TypeConversionException(
                "must be one of %s, not '%s'"
                        .formatted(
                                Arrays.toString(kinds.getEnumConstants()).toLowerCase(Locale.ROOT),
                                value));
    }
}
