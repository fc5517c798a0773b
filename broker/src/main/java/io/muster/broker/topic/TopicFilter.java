package io.muster.broker.topic;

import org.jspecify.annotations.Nullable;

/**
 * A valid topic filter [MQTT5 section 4.7]. Immutable; equal if the text is equal. Holds nothing
 * but its text, for there may be millions of them.
 */
public final class TopicFilter {

    private static final String SHARED = "$share";
    private static final String SHARED_PREFIX = SHARED + "/";

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
        if (!text.equals(SHARED) && !text.startsWith(SHARED_PREFIX)) {
            return innerViolation(text, levelsMax);
        }
        String shareViolation = shareViolation(text);
        if (shareViolation != null) {
            return shareViolation;
        }
        String inner = innerViolation(text.substring(start(text)), levelsMax);
        // The whole text counts for its length; the levels in front of the filter do not.
        return inner != null
                ? inner
                : TopicName.textViolation("topic filter", text, Integer.MAX_VALUE);
    }

    private static @Nullable String innerViolation(String text, int levelsMax) {
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

    private static @Nullable String shareViolation(String text) {
        int end = text.indexOf('/', SHARED_PREFIX.length());
        String name =
                text.substring(
                        Math.min(SHARED_PREFIX.length(), text.length()),
                        end < 0 ? text.length() : end);
        if (name.isEmpty()) {
            return "$share must be followed by / and a share name of at least one character"
                    + " [MQTT-4.8.2-1]";
        }
        if (name.indexOf('+') >= 0 || name.indexOf('#') >= 0) {
            return "a share name must not contain a wildcard character [MQTT-4.8.2-2]";
        }
        return end < 0 || end == text.length() - 1
                ? "a share name must be followed by / and a topic filter [MQTT-4.8.2-2]"
                : null;
    }

    /** Where the filter begins that topics are matched against. */
    private static int start(String text) {
        return text.startsWith(SHARED_PREFIX) ? text.indexOf('/', SHARED_PREFIX.length()) + 1 : 0;
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
     * Whether it asks for a shared subscription: {@code $share/{ShareName}/{filter}} [MQTT5 section
     * 4.8.2].
     */
    public boolean isShared() {
        return text.startsWith(SHARED_PREFIX);
    }

    /** The name that the members of a shared subscription have in common; null if not shared. */
    public @Nullable String shareName() {
        return isShared() ? text.substring(SHARED_PREFIX.length(), start(text) - 1) : null;
    }

    /** What topics are matched against: the filter without {@code $share} and the share name. */
    public String innerText() {
        return text.substring(start(text));
    }

    /** Where {@link #innerText} begins in {@link #text}. */
    public int start() {
        return start(text);
    }

    /** Whether its last level is {@code #}. */
    public boolean endsMultiLevel() {
        return text.charAt(text.length() - 1) == '#';
    }

    /**
     * Whether it matches a topic name. Costs a walk over both texts and nothing else; to match one
     * name against many filters there is the topic tree.
     */
    public boolean matches(String topicName) {
        int filterAt = start(text);
        if (topicName.startsWith("$")
                && (text.startsWith("+", filterAt) || text.startsWith("#", filterAt))) {
            return false; // [MQTT-4.7.2-1]
        }
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
