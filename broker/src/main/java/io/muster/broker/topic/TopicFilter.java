package io.muster.broker.topic;

import org.jspecify.annotations.Nullable;

/**
 * A valid topic filter [MQTT5 section 4.7]. Immutable; equal if the text is equal. Holds nothing
 * but its text, for there may be millions of them.
 */
public final class TopicFilter {

    private static final String SHARED = "$share";
    private static final String SHARED_PREFIX = SHARED + "/";

    private static final int UTF8_BYTES_MAX = 65_535;

    private final String text;

    private TopicFilter(String text) {
        this.text = text;
    }

    /**
     * The filter with this text.
     *
     * @throws InvalidTopicFilterException saying what is wrong with it
     */
    public static TopicFilter parse(String text) {
        String violation = violation(text);
        if (violation != null) {
            throw new InvalidTopicFilterException(violation);
        }
        return new TopicFilter(text);
    }

    private static @Nullable String violation(String text) {
        if (!text.equals(SHARED) && !text.startsWith(SHARED_PREFIX)) {
            return innerViolation(text);
        }
        String shareViolation = shareViolation(text);
        if (shareViolation != null) {
            return shareViolation;
        }
        String inner = innerViolation(text.substring(start(text)));
        // The whole text counts for its length.
        return inner != null ? inner : textViolation(text);
    }

    private static @Nullable String innerViolation(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '#' && !(i == text.length() - 1 && beginsLevel(text, i))) {
                return "# must be the last level of a topic filter, alone in it [MQTT-4.7.1-1]";
            }
            if (c == '+' && !(beginsLevel(text, i) && endsLevel(text, i))) {
                return "+ must stand alone in a level of a topic filter [MQTT-4.7.1-2]";
            }
        }
        return textViolation(text);
    }

    /** The rules that it shares with topic names [MQTT5 section 4.7.3]. */
    private static @Nullable String textViolation(String text) {
        if (text.isEmpty()) {
            return "a topic filter must have at least one character [MQTT-4.7.3-1]";
        }
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "a topic filter must not contain U+0000 [MQTT-4.7.3-2]";
            }
            if (Character.isSurrogate(c) && !isHalfOfPair(text, i)) {
                return "a topic filter must not contain half a surrogate pair [MQTT-1.5.4-1]";
            }
            bytes += utf8Bytes(c);
        }
        if (bytes > UTF8_BYTES_MAX) {
            return "a topic filter must not be longer than %d bytes, this has %d [MQTT-4.7.3-3]"
                    .formatted(UTF8_BYTES_MAX, bytes);
        }
        return null;
    }

    private static boolean isHalfOfPair(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }

    /** The bytes that a character adds; a pair of surrogates takes four, so each half two. */
    private static int utf8Bytes(char c) {
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
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
        return isShared(text);
    }

    /** The same of the text of a filter. */
    public static boolean isShared(String text) {
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

    /** How many levels topics are matched against; those of a share do not count. */
    public int levels() {
        return Levels.count(innerText());
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
