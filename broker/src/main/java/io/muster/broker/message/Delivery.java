package io.muster.broker.message;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to one session.
 *
 * @param message the message, shared with all other sessions
 * @param qos what it is delivered with
 * @param retain the retain flag to send: whether it is a retained message sent to a new
 *     subscription [MQTT-3.3.1-8], or was published retained and the subscription keeps the flag
 *     [MQTT-3.3.1-13]
 * @param subscriptionIdentifiers those of all the session's subscriptions that match [MQTT-3.3.4-3]
 * @param share the whole filter of the shared subscription that brought it, {@code $share/...};
 *     null if none did
 */
public record Delivery(
        Message message,
        Qos qos,
        boolean retain,
        SubscriptionIdentifiers subscriptionIdentifiers,
        @Nullable String share) {

    /** Whether it was made of the very same, so that another one would be the same again. */
    @SuppressWarnings("ReferenceEquality") // It is asked for each subscriber of a message.
    public boolean isMadeOf(
            Message aMessage,
            Qos aQos,
            boolean aRetain,
            SubscriptionIdentifiers identifiers,
            @Nullable String aShare) {
        return message == aMessage
                && qos == aQos
                && retain == aRetain
                && subscriptionIdentifiers == identifiers
                && Objects.equals(share, aShare);
    }
}
