package io.muster.broker.protocol.packet;

import io.muster.broker.message.Qos;

/**
 * Optional parts of MQTT, which a server may go without if it tells so. Immutable.
 *
 * @param maximumQos the highest quality of service that clients may publish with [MQTT5 3.2.2.3.4]
 * @param retain whether clients may publish retained messages [MQTT5 3.2.2.3.5]
 * @param wildcardSubscriptions whether filters may have wildcards [MQTT5 3.2.2.3.11]
 * @param sharedSubscriptions whether subscriptions may be shared [MQTT5 3.2.2.3.13]
 */
public record Features(
        Qos maximumQos,
        boolean retain,
        boolean wildcardSubscriptions,
        boolean sharedSubscriptions) {

    /** All that there is. */
    public static final Features ALL = new Features(Qos.EXACTLY_ONCE, true, true, true);
}
