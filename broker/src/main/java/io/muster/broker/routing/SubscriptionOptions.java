package io.muster.broker.routing;

import io.muster.broker.message.Qos;
import io.muster.broker.spi.StoredSubscription;
import io.muster.broker.topic.TopicFilter;

/**
 * What a client asks for with one topic filter of a SUBSCRIBE [MQTT5 3.8.2.1.2, 3.8.3.1].
 *
 * @param qos the granted maximum quality of service
 * @param noLocal whether the client's own messages are left out
 * @param retainAsPublished whether the retain flag is kept when forwarding
 * @param identifier the subscription identifier, 1 to 268,435,455; 0 is none
 */
public record SubscriptionOptions(
        Qos qos, boolean noLocal, boolean retainAsPublished, int identifier) {

    /** The options of a stored subscription. */
    public static SubscriptionOptions of(StoredSubscription stored) {
        return new SubscriptionOptions(
                stored.qos(), stored.noLocal(), stored.retainAsPublished(), stored.identifier());
    }

    /** The subscription to {@code filter} with these options, as it is stored. */
    public StoredSubscription toStored(TopicFilter filter) {
        return new StoredSubscription(filter.text(), qos, noLocal, retainAsPublished, identifier);
    }
}
