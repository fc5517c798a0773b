package io.muster.auth.spi;

import java.util.Map;
import java.util.Objects;

/**
 * Who a client was found to be.
 *
 * @param principal the name in logs and listings, for example {@code device:pk1/dev1} or {@code
 *     app:billing}; not empty, no control characters
 * @param clientIdentifier the canonical client identifier: it names the session, whatever string
 *     the client sent, so that take-over and lasting sessions follow the principal. An empty one
 *     stands for the string that the client sent (or an assigned one); if that string could be the
 *     name of a device's session, which holds a slash, it is set apart by the principal's name. No
 *     control characters
 * @param permissions the topics it may use
 * @param attributes further facts for the hub, for example {@code productKey} and {@code
 *     deviceKey}; {@code payloadCompression} is {@code gzip} or {@code lz4} if the client
 *     compresses each payload that it sends, and takes no other; the {@code kind} {@code
 *     activating-device} is the hub's own, which tells such a client the secret of that device.
 *     Immutable
 */
public record Identity(
        String principal,
        String clientIdentifier,
        TopicPermissions permissions,
        Map<String, String> attributes) {

    /**
     * Checks the names and copies the attributes.
     *
     * @throws IllegalArgumentException if the principal is empty or a name has control characters
     */
    public Identity {
        requireName("principal", principal);
        requireName("clientIdentifier", clientIdentifier);
        if (principal.isEmpty()) {
            throw new IllegalArgumentException("principal is empty");
        }
        Objects.requireNonNull(permissions, "permissions");
        attributes = Map.copyOf(attributes);
    }

    private static void requireName(String what, String name) {
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(what + " has control characters");
        }
    }
}
