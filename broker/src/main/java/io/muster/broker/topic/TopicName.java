package io.muster.broker.topic;

import org.jspecify.annotations.Nullable;

/** The rules for topic names [MQTT5 section 4.7]. */
public final class TopicName {

    private static final int UTF8_BYTES_MAX = 65_535;
    private static final String SYSTEM = "$SYS";

    private TopicName() {}

    /**
     * What is wrong with a topic name, or null if it is valid.
     *
     * @param levelsMax how many levels are allowed at most; a limit of this broker's own
     */
    public static @Nullable String violation(String topic, int levelsMax) {
        if (hasWildcard(topic)) {
            return "a topic name must not contain a wildcard character [MQTT-4.7.0-1]";
        }
        return textViolation("topic name", topic, levelsMax);
    }

    /**
     * Whether only the broker itself publishes to this topic: those under {@code $SYS}, which
     * clients should not use to speak to each other [MQTT5 4.7.2].
     */
    public static boolean isReserved(String topic) {
        return topic.startsWith(SYSTEM)
                && (topic.length() == SYSTEM.length() || topic.charAt(SYSTEM.length()) == '/');
    }

    /** Whether there is a character that only topic filters may have [MQTT-4.7.0-1]. */
    public static boolean hasWildcard(String topic) {
        return topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0;
    }

    /** The rules that topic names and topic filters have in common [MQTT5 section 4.7.3]. */
    static @Nullable String textViolation(String kind, String text, int levelsMax) {
        if (text.isEmpty()) {
            return "a " + kind + " must have at least one character [MQTT-4.7.3-1]";
        }
        int levels = 1;
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "a " + kind + " must not contain U+0000 [MQTT-4.7.3-2]";
            }
            if (c == '/') {
                levels++;
            }
            if (Character.isSurrogate(c) && !isHalfOfPair(text, i)) {
                return "a " + kind + " must not contain half a surrogate pair [MQTT-1.5.4-1]";
            }
            bytes += utf8Bytes(c);
        }
        if (bytes > UTF8_BYTES_MAX) {
            return "a %s must not be longer than %d bytes, this has %d [MQTT-4.7.3-3]"
                    .formatted(kind, UTF8_BYTES_MAX, bytes);
        }
        if (levels > levelsMax) {
            return "a %s must not have more than %d levels, this has %d"
                    .formatted(kind, levelsMax, levels);
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
}
