package io.muster.auth;

import io.muster.auth.spi.TopicPermissions;
import java.util.List;

/**
 * What clients may use whom nobody knows, on a listener that is open to them: all topics, also
 * those that begin with {@code $}, but for what the hub tells about devices under {@code $muster}
 * and what applications command them under {@code /muster}. Where the hub and its broker speak,
 * nobody else publishes. Immutable, shared by all threads.
 */
final class AnonymousTopics implements TopicPermissions {

    private static final List<String> CLOSED_TO_PUBLISHERS =
            List.of("$SYS", "$muster", "$share", "/muster");

    /** What is left of a shared subscription without a filter begins with {@code $share}. */
    private static final List<String> CLOSED_TO_SUBSCRIBERS =
            List.of("$muster", "$share", "/muster");

    @Override
    public boolean mayPublish(String topicName) {
        boolean isName =
                !topicName.isEmpty() && topicName.indexOf('+') < 0 && topicName.indexOf('#') < 0;
        return isName && !isBelow(CLOSED_TO_PUBLISHERS, topicName);
    }

    /** A wildcard in the first level matches nothing that begins with {@code $} [MQTT-4.7.2-1]. */
    @Override
    public boolean maySubscribe(String topicFilter) {
        String filter = TopicPattern.withoutShare(topicFilter);
        return TopicPattern.isFilter(filter) && !isBelow(CLOSED_TO_SUBSCRIBERS, filter);
    }

    private static boolean isBelow(List<String> firstLevels, String topic) {
        return firstLevels.stream()
                .anyMatch(level -> topic.equals(level) || topic.startsWith(level + "/"));
    }
}
