package io.muster.broker.topic;

/** The rules for topic names [MQTT5 section 4.7]. */
public final class TopicName {

    private static final String SYSTEM = "$SYS";

    private TopicName() {}

    /**
     * Whether the topic begins with a dollar sign, so that clients should not use it to speak to
     * each other [MQTT5 4.7.2].
     */
    public static boolean beginsWithDollar(String topic) {
        return topic.startsWith("$");
    }

    /** Whether only the broker itself publishes to this topic: those under {@code $SYS}. */
    public static boolean isReserved(String topic) {
        return topic.startsWith(SYSTEM)
                && (topic.length() == SYSTEM.length() || topic.charAt(SYSTEM.length()) == '/');
    }

    /** Whether there is a character that only topic filters may have [MQTT-4.7.0-1]. */
    public static boolean hasWildcard(String topic) {
        return topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0;
    }
}
