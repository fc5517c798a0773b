package io.muster.broker.routing;

import io.muster.broker.message.Qos;

/**
 * One subscription of one subscriber.
 *
 * @param filter what it matches
 * @param subscriber who holds it
 * @param qos the granted maximum quality of service
 * @param noLocal whether the subscriber's own messages are left out [MQTT5 3.8.3.1]
 * @param retainAsPublished whether the retain flag is kept when forwarding [MQTT5 3.8.3.1]
 */
public record Subscription(
        TopicFilter filter,
        Subscriber subscriber,
        Qos qos,
        boolean noLocal,
        boolean retainAsPublished) {}
