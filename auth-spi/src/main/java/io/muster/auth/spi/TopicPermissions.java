package io.muster.auth.spi;

import java.util.Optional;
import java.util.function.Predicate;

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
     * topic that it can match is allowed. A shared subscription is asked for as a whole ({@code
     * $share/name/filter}): judge it by its filter, so that sharing is no way around a rule.
     */
    boolean maySubscribe(String topicFilter);

    /**
     * Whether it can be said only of a connected client if it may subscribe to {@code topicFilter}.
     * Asked while the client of a session is away and {@link #maySubscribe} says no: then the
     * subscription stays, and what waits for it too. It is asked for again when the client comes
     * back, before anything is sent.
     */
    default boolean isUndecidedWhileAway(String topicFilter) {
        return false;
    }

    /**
     * The topics whose messages the client is not sent, though a subscription of it that is wider
     * matches them; usually none. Asked for at each sign-in; the answer is asked on event loops, of
     * each message. Messages of a shared subscription would be lost that way: refuse the filter.
     */
    default Optional<Predicate<String>> withheld() {
        return Optional.empty();
    }

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
