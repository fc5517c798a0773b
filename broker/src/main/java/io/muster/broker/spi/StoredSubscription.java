package io.muster.broker.spi;

import io.muster.broker.message.Qos;

/**
 * A subscription as it is stored with its session.
 *
 * @param filter the topic filter
 * @param qos the granted quality of service
 * @param noLocal as in SUBSCRIBE [MQTT5 3.8.3.1]
 * @param retainAsPublished as in SUBSCRIBE [MQTT5 3.8.3.1]
 */
public record StoredSubscription(
        String filter, Qos qos, boolean noLocal, boolean retainAsPublished) {}
