package io.muster.broker.routing;

import org.jspecify.annotations.Nullable;

/**
 * A valid topic filter [MQTT5 section 4.7]. Immutable; equal if the text is equal. Holds nothing
 * but its text, for there may be millions of them.
 */
public final class TopicFilter {

    private static final String SHARED = "$share";

    private final String text;

    private TopicFilter(String text) {
        this.text = text;
    }

    /**
     * The filter with this text.
     *
     * @param levelsMax how many levels are allowed at most; a limit of this broker's own
     * @throws InvalidTopicFilterException saying what is wrong with it
     */
    public static TopicFilter parse(String text, int levelsMax) {
        String violation = violation(text, levelsMax);
        if (violation != null) {
            throw new InvalidTopicFilterException(violation);
        }
        return new TopicFilter(text);
    }

    private static @Nullable String violation(String text, int levelsMax) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '#' && !(i == text.length() - 1 && beginsLevel(text, i))) {
                return "# must be the last level of a topic filter, alone in it [MQTT-4.7.1-1]";
            }
            if (c == '+' && !(beginsLevel(text, i) && endsLevel(text, i))) {
                return "+ must stand alone in a level of a topic filter [MQTT-4.7.1-2]";
            }
        }
        return TopicName.textViolation("topic filter", text, levelsMax);
    }

    private static boolean beginsLevel(String text, int at) {
        return at == 0 || text.charAt(at - 1) == '/';
    }

    private static boolean endsLevel(String text, int at) {
        return at == text.length() - 1 || text.charAt(at + 1) == '/';
    }

    /** The filter as it was sent. */
    public String text() {
        return text;
    }

    /**
     * Whether it asks for a shared subscription: its first level is {@code $share} [MQTT5 section
     * 4.8.2]. Whether a share name and a filter follow is not checked.
     */
    public boolean isShared() {
        return text.startsWith(SHARED)
                && (text.length() == SHARED.length() || text.charAt(SHARED.length()) == '/');
    }

    /** Whether its last level is {@code #}. */
    boolean endsMultiLevel() {
        return text.charAt(text.length() - 1) == '#';
    }

    /**
     * Whether it matches a topic name. Costs a walk over both texts and nothing else; to match one
     * name against many filters there is {@link TopicTree}.
     */
    public boolean matches(String topicName) {
        if (topicName.startsWith("$") && (text.startsWith("+") || text.startsWith("#"))) {
            return false; // [MQTT-4.7.2-1]
        }
        int filterAt = 0;
        int nameAt = 0;
        while (true) {
            // Both have matched so far; what stands at filterAt begins a level of the filter.
            if (text.startsWith("#", filterAt)) {
                return true;
            }
            if (filterAt > text.length() || nameAt > topicName.length()) {
                return filterAt > text.length() && nameAt > topicName.length();
            }
            int filterEnd = Levels.end(text, filterAt);
            int nameEnd = Levels.end(topicName, nameAt);
            if (!text.startsWith("+", filterAt)
                    && !Levels.equal(text, filterAt, filterEnd, topicName, nameAt, nameEnd)) {
                return false;
            }
            filterAt = filterEnd + 1;
            nameAt = nameEnd + 1;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TopicFilter filter && filter.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
