package io.muster.broker.protocol;

import io.muster.broker.protocol.packet.Capabilities;
import io.muster.broker.protocol.packet.Features;
import io.muster.broker.topic.TopicName;

/**
 * What the rules hold clients to.
 *
 * @param capabilities what MQTT 5.0 clients are told; also bounds unacknowledged messages to one
 *     client
 * @param keepAliveSecondsMax largest keep alive of MQTT 5.0 clients; 0 is no limit
 * @param topicLevelsMax levels of a topic name or filter
 * @param sessionExpirySecondsMax how long a session may outlive its connection
 * @param subscriptionsMax subscriptions of one session
 * @param refusesDollarTopics whether no client may publish to topics that begin with a dollar sign
 * @param checksPayloadFormat whether a payload that is said to be UTF-8 must be
 * @param closesDeniedPublishers whether a client before MQTT 5.0 is disconnected when it publishes
 *     where it may not
 */
public record ProtocolLimits(
        Capabilities capabilities,
        int keepAliveSecondsMax,
        int topicLevelsMax,
        long sessionExpirySecondsMax,
        int subscriptionsMax,
        boolean refusesDollarTopics,
        boolean checksPayloadFormat,
        boolean closesDeniedPublishers) {

    /**
     * Unacknowledged messages to one client, and unreleased QoS 2 messages from one that speaks
     * MQTT 5.0 and is told so.
     */
    public int inflightMax() {
        return capabilities.receiveMaximum();
    }

    /** Bytes of the largest packet that is accepted, and of a payload that came compressed. */
    public int packetBytesMax() {
        return capabilities.maximumPacketSize();
    }

    /** Topic aliases of one client. */
    public int topicAliasMax() {
        return capabilities.topicAliasMaximum();
    }

    /** Whether clients may not publish to this topic, whoever they are [MQTT5 4.7.2]. */
    public boolean isReserved(String topic) {
        return refusesDollarTopics
                ? TopicName.beginsWithDollar(topic)
                : TopicName.isReserved(topic);
    }

    /** Optional parts of the protocol that are there. */
    public Features features() {
        return capabilities.features();
    }
}
