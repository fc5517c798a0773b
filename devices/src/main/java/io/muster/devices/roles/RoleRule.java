package io.muster.devices.roles;

import io.muster.devices.text.Characters;
import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One rule of a role: what it says about the topics under a filter.
 *
 * @param effect what it says
 * @param use what it speaks about
 * @param filter a topic filter that may have placeholders such as {@code ${username}}; 1 to {@link
 *     #FILTER_LENGTH_MAX} characters, no control characters. Whether it is one is for those to say
 *     who compare it with topics
 */
public record RoleRule(Effect effect, Use use, String filter) {

    /** The longest filter, in characters. */
    public static final int FILTER_LENGTH_MAX = 512;

    private static final Pattern TEXT =
            Pattern.compile("(allow|deny) (publish|subscribe|any) (.*)", Pattern.DOTALL);

    /**
     * Checks the filter's length and characters.
     *
     * @throws IllegalArgumentException saying what is wrong and what is allowed
     */
    public RoleRule {
        if (filter.isEmpty() || filter.length() > FILTER_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a topic filter has 1 to %d characters, not %d"
                            .formatted(FILTER_LENGTH_MAX, filter.length()));
        }
        if (filter.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a topic filter of a role has no control characters");
        }
        Characters.requireWhole("a topic filter of a role", filter);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is no rule
     */
    public static RoleRule parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no rule");
        }
        return new RoleRule(
                Effect.valueOf(parts.group(1).toUpperCase(Locale.ROOT)),
                Use.valueOf(parts.group(2).toUpperCase(Locale.ROOT)),
                parts.group(3));
    }

    /** Such as {@code allow publish plant/#}. */
    @Override
    public String toString() {
        return (effect + " " + use + " ").toLowerCase(Locale.ROOT) + filter;
    }
}
