package io.muster.devices.product;

import io.muster.devices.topics.Effect;
import io.muster.devices.topics.Use;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which topics a product's devices may use, besides or other than their own. The first rule that
 * speaks about a topic decides; where none does, a device has its own topics.
 *
 * @param rules in the order they are asked in, at most {@link #RULES_MAX}
 */
public record TopicTemplate(List<Rule> rules) {

    /** The most rules. */
    public static final int RULES_MAX = 32;

    /** The longest topic filter, in characters. */
    public static final int FILTER_LENGTH_MAX = 256;

    /** What a placeholder of a filter may be called: {@code ${productKey}} and so on. */
    public static final Set<String> PLACEHOLDERS = Set.of("productKey", "deviceKey", "clientId");

    /** What topics begin with that mean something to the hub. */
    private static final List<String> RESERVED = List.of("$", "/sys/", "/ext/", "/muster/");

    private static final List<String> OWN =
            List.of("/sys/${productKey}/${deviceKey}/", "/ext/session/${productKey}/${deviceKey}/");

    /** A device has its own topics. */
    public static final TopicTemplate OWN_TOPICS = new TopicTemplate(List.of());

    private static final Pattern TEXT =
            Pattern.compile("(?i)(allow|deny) (?:(publish|subscribe|any) )?(.*)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Za-z]+)\\}");

    /**
     * One rule.
     *
     * @param effect what it says
     * @param use what it speaks about
     * @param filter a topic filter with {@link #PLACEHOLDERS}
     */
    public record Rule(Effect effect, Use use, String filter) {

        /**
         * Checks the filter.
         *
         * @throws IllegalArgumentException saying what is wrong with it and what is allowed; also
         *     if it allows to publish where that is left to the hub, to applications and to other
         *     devices
         */
        public Rule {
            requireFilter(filter);
            if (effect == Effect.ALLOW
                    && use.includes(Use.PUBLISH)
                    && isReserved(filter)
                    && !filter.startsWith("${")
                    && !isOwn(filter)) {
                throw new IllegalArgumentException(
                        "topic filter '%s' cannot be allowed for publishing: below $, /sys, /ext and /muster a device publishes to its own topics only"
                                .formatted(filter));
            }
        }

        /**
         * Whether it can only be about what a device has by default below {@code /sys} and {@code
         * /ext/session}.
         */
        public boolean isOwn() {
            return isOwn(filter);
        }

        private static boolean isOwn(String filter) {
            return OWN.stream().anyMatch(filter::startsWith);
        }

        /**
         * Reads what {@link #text} wrote, such as {@code allow subscribe news/#}. Words in any
         * case; without a use, both are meant.
         *
         * @throws IllegalArgumentException saying what is wrong and what is allowed
         */
        public static Rule parse(String text) {
            Matcher parts = TEXT.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "topic rule '%s' is not: allow or deny, publish or subscribe or any, and a topic filter"
                                .formatted(shortened(text)));
            }
            String use = parts.group(2);
            return new Rule(
                    Effect.valueOf(parts.group(1).toUpperCase(Locale.ROOT)),
                    use == null ? Use.ANY : Use.valueOf(use.toUpperCase(Locale.ROOT)),
                    parts.group(3));
        }

        /** The rule as a person writes it, on one line. */
        public String text() {
            return "%s %s %s".formatted(effect, use, "").toLowerCase(Locale.ROOT) + filter;
        }
    }

    /**
     * Copies the rules.
     *
     * @throws IllegalArgumentException if there are too many
     */
    public TopicTemplate {
        if (rules.size() > RULES_MAX) {
            throw new IllegalArgumentException(
                    rules.size() + " topic rules are more than " + RULES_MAX);
        }
        rules = List.copyOf(rules);
    }

    /** Whether a rule has this placeholder. */
    public boolean isAbout(String placeholder) {
        return rules.stream().anyMatch(rule -> rule.filter().contains("${" + placeholder + "}"));
    }

    /**
     * Whether a topic, or a filter by how it begins, is one where no rule lets a device publish,
     * unless it is its own.
     */
    public static boolean isReserved(String topic) {
        return RESERVED.stream().anyMatch(topic::startsWith);
    }

    private static void requireFilter(String filter) {
        if (filter.isEmpty() || filter.length() > FILTER_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "topic filter is not 1 to %d characters long: '%s'"
                            .formatted(FILTER_LENGTH_MAX, shortened(filter)));
        }
        if (!isFilter(filter)) {
            throw new IllegalArgumentException(
                    "'%s' is not a topic filter: + stands alone in a level, # alone in the last one, and there are no control characters and no $share"
                            .formatted(filter));
        }
        Matcher placeholders = PLACEHOLDER.matcher(filter);
        while (placeholders.find()) {
            if (!PLACEHOLDERS.contains(placeholders.group(1))) {
                throw wrongPlaceholder(filter);
            }
        }
        if (PLACEHOLDER.matcher(filter).replaceAll("").contains("${")) {
            throw wrongPlaceholder(filter);
        }
    }

    private static IllegalArgumentException wrongPlaceholder(String filter) {
        return new IllegalArgumentException(
                "topic filter '%s' has a placeholder that is not ${productKey}, ${deviceKey} or ${clientId}"
                        .formatted(filter));
    }

    private static boolean isFilter(String filter) {
        if (filter.chars().anyMatch(Character::isISOControl) || filter.startsWith("$share/")) {
            return false;
        }
        String[] levels = filter.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            boolean wildcard = level.equals("+") || (level.equals("#") && i == levels.length - 1);
            if (!wildcard && (level.contains("+") || level.contains("#"))) {
                return false;
            }
        }
        return true;
    }

    private static String shortened(String filter) {
        return filter.length() <= FILTER_LENGTH_MAX
                ? filter
                : filter.substring(0, FILTER_LENGTH_MAX) + "...";
    }
}
