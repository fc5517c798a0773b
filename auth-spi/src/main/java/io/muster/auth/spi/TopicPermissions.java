package io.muster.auth.spi;

/**
 * The topics that a client may use.
 *
 * <p>Asked on event loops, so the methods must answer at once from memory and be safe for use by
 * several threads. An answer may be cached for the life of the connection, unless the broker is
 * told that a client's permissions have changed. Of a session that is resumed, the subscriptions
 * are asked for again.
 */
public interface TopicPermissions {

    /** Whether the client may publish to {@code topicName} (which has no wildcards). */
    boolean mayPublish(String topicName);

    /**
     * Whether the client may subscribe to {@code topicFilter}. A filter is allowed only if every
     * topic that it can match is allowed. Of a shared subscription ({@code $share/name/filter})
     * only the filter is asked for.
     */
    boolean maySubscribe(String topicFilter);

    /**
     * Whether a client that may not subscribe to {@code topicFilter} is told so (0x87, not
     * authorized), and not only that it failed (0x80, unspecified error).
     */
    default boolean tellsWhyNot(String topicFilter) {
        return true;
    }

    /**
     * How many subscriptions the client may hold besides those that every client may; for one that
     * speaks for others. It may change at any time; subscriptions that are there stay.
     *
     * @return 0 or more
     */
    default int subscriptionsBesides() {
        return 0;
    }
}
