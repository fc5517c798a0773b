package io.muster.broker.spi;

import io.muster.broker.message.Qos;

/**
 * A subscription as it is stored with its session.
 *
 * @param filter the topic filter, with {@code $share} and the share name if it is shared
 * @param qos the granted quality of service
 * @param noLocal as in SUBSCRIBE [MQTT5 3.8.3.1]
 * @param retainAsPublished as in SUBSCRIBE [MQTT5 3.8.3.1]
 * @param identifier as in SUBSCRIBE [MQTT5 3.8.2.1.2]; 0 is none
 */
public record StoredSubscription(
        String filter, Qos qos, boolean noLocal, boolean retainAsPublished, int identifier) {}
