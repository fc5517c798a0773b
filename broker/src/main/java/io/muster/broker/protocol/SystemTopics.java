package io.muster.broker.protocol;

/** The topics in which the broker speaks about itself, and nobody else speaks. */
public final class SystemTopics {

    private static final String ROOT = "$SYS";

    private SystemTopics() {}

    /** Whether a topic is one of them. */
    public static boolean contain(String topic) {
        return topic.startsWith(ROOT)
                && (topic.length() == ROOT.length() || topic.charAt(ROOT.length()) == '/');
    }
}
