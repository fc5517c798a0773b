package io.muster.broker.protocol;

/**
 * What the rules hold clients to.
 *
 * @param packetBytesMax largest packet accepted, told to MQTT 5.0 clients
 * @param keepAliveSecondsMax largest keep alive of MQTT 5.0 clients; 0 is no limit
 * @param topicLevelsMax levels of a topic name or filter
 * @param sessionExpirySecondsMax how long a session may outlive its connection
 * @param inflightMax unacknowledged messages to one client, and unreleased QoS 2 messages from one
 *     that speaks MQTT 5.0 and is told so
 * @param subscriptionsMax subscriptions of one session
 * @param topicAliasMax topic aliases of one client, told to MQTT 5.0 clients; 0 is none
 * @param checksPayloadFormat whether a payload that is said to be UTF-8 must be
 */
public record ProtocolLimits(
        int packetBytesMax,
        int keepAliveSecondsMax,
        int topicLevelsMax,
        long sessionExpirySecondsMax,
        int inflightMax,
        int subscriptionsMax,
        int topicAliasMax,
        boolean checksPayloadFormat) {}
