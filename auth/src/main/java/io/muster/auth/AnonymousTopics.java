package io.muster.auth;

import io.muster.auth.spi.TopicPermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What clients may use whom nobody knows, on a listener that is open to them: all topics, also
 * those that begin with {@code $}, but for those of the hub, its devices and who commands them.
 * There they neither publish nor listen; a wildcard does not bring them such messages, as none
 * brings what begins with {@code $}. Immutable, shared by all threads.
 */
final class AnonymousTopics implements TopicPermissions {

    /** Of devices, and of applications that command them. */
    private static final List<String> OF_DEVICES = List.of("/sys", "/ext", "/muster");

    private static final List<TopicPattern> PATTERNS_OF_DEVICES =
            OF_DEVICES.stream().map(level -> TopicPattern.of(level + "/#")).toList();

    /** What is left of a shared subscription without a filter begins with {@code $share}. */
    private static final List<String> CLOSED_TO_SUBSCRIBERS = with(OF_DEVICES, "$muster", "$share");

    private static final List<String> CLOSED_TO_PUBLISHERS = with(CLOSED_TO_SUBSCRIBERS, "$SYS");

    private static final Optional<Predicate<String>> WITHHELD =
            Optional.of(topic -> topic.startsWith("/") && isBelow(OF_DEVICES, topic));

    private static List<String> with(List<String> some, String... others) {
        return Stream.concat(some.stream(), Stream.of(others)).toList();
    }

    @Override
    public boolean mayPublish(String topicName) {
        boolean isName =
                !topicName.isEmpty() && topicName.indexOf('+') < 0 && topicName.indexOf('#') < 0;
        return isName && !isBelow(CLOSED_TO_PUBLISHERS, topicName);
    }

    /**
     * A wildcard in the first level matches nothing that begins with {@code $} [MQTT-4.7.2-1]. Who
     * shares a subscription must not take from the others what it is not sent.
     */
    @Override
    public boolean maySubscribe(String topicFilter) {
        String filter = TopicPattern.withoutShare(topicFilter);
        boolean isShared = !filter.equals(topicFilter);
        return TopicPattern.isFilter(filter)
                && !isBelow(CLOSED_TO_SUBSCRIBERS, filter)
                && !(isShared && PATTERNS_OF_DEVICES.stream().anyMatch(of -> of.overlaps(filter)));
    }

    @Override
    public Optional<Predicate<String>> withheld() {
        return WITHHELD;
    }

    private static boolean isBelow(List<String> firstLevels, String topic) {
        for (String level : firstLevels) { // asked of each message, so nothing is allocated
            if (topic.startsWith(level)
                    && (topic.length() == level.length() || topic.charAt(level.length()) == '/')) {
                return true;
            }
        }
        return false;
    }
}
