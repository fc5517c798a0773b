package io.muster.auth.spi;

import java.util.Map;

/**
 * Who a client was found to be.
 *
 * @param principal the name in logs and listings, for example {@code device:pk1/dev1} or {@code
 *     app:billing}
 * @param clientIdentifier the canonical client identifier: it names the session, whatever string
 *     the client sent, so that take-over and lasting sessions follow the principal. An empty one
 *     leaves it to the broker (the string sent, or an assigned one)
 * @param permissions the topics it may use
 * @param attributes further facts for the hub, for example {@code productKey} and {@code
 *     deviceKey}; immutable
 */
public record Identity(
        String principal,
        String clientIdentifier,
        TopicPermissions permissions,
        Map<String, String> attributes) {

    /** Copies the attributes. */
    public Identity {
        attributes = Map.copyOf(attributes);
    }
}
