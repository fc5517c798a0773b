package io.muster.broker.protocol.packet;

/**
 * Reason codes of MQTT 5.0 [MQTT5 2.4], with the CONNACK return code that stands for each in
 * earlier versions [MQTT3 3.2.2.3].
 */
public enum ReasonCode {
    /** All is well; also "granted QoS 0" and "normal disconnection". */
    SUCCESS(0x00, 0),
    /** The message was accepted, but nobody subscribes to it. */
    NO_MATCHING_SUBSCRIBERS(0x10, 0),
    /** There was no such subscription. */
    NO_SUBSCRIPTION_EXISTED(0x11, 0),
    /** The reason is not told. */
    UNSPECIFIED_ERROR(0x80, 3),
    /** The bytes do not make a packet. */
    MALFORMED_PACKET(0x81, 3),
    /** The packet was not allowed there or so. */
    PROTOCOL_ERROR(0x82, 3),
    /** The version is not spoken here. */
    UNSUPPORTED_PROTOCOL_VERSION(0x84, 1),
    /** The client identifier is not accepted. */
    CLIENT_IDENTIFIER_NOT_VALID(0x85, 2),
    /** Unknown name or wrong proof. */
    BAD_USER_NAME_OR_PASSWORD(0x86, 4),
    /** Known, but not allowed. */
    NOT_AUTHORIZED(0x87, 5),
    /** Cannot be answered now. */
    SERVER_UNAVAILABLE(0x88, 3),
    /** Barred. */
    BANNED(0x8A, 5),
    /** The server stops. */
    SERVER_SHUTTING_DOWN(0x8B, 3),
    /** Enhanced authentication is not offered. */
    BAD_AUTHENTICATION_METHOD(0x8C, 5),
    /** Nothing came for too long. */
    KEEP_ALIVE_TIMEOUT(0x8D, 3),
    /** Another connection with the same client identifier. */
    SESSION_TAKEN_OVER(0x8E, 3),
    /** The topic name is well formed, but not accepted. */
    TOPIC_NAME_INVALID(0x90, 3),
    /** No such packet identifier is in use. */
    PACKET_IDENTIFIER_NOT_FOUND(0x92, 3),
    /** More unacknowledged messages than allowed. */
    RECEIVE_MAXIMUM_EXCEEDED(0x93, 3),
    /** Topic aliases beyond the maximum, which is none. */
    TOPIC_ALIAS_INVALID(0x94, 3),
    /** Larger than the Maximum Packet Size. */
    PACKET_TOO_LARGE(0x95, 3),
    /** A limit of this server is reached. */
    QUOTA_EXCEEDED(0x97, 3),
    /** An operator's doing. */
    ADMINISTRATIVE_ACTION(0x98, 3),
    /** Served elsewhere for now [MQTT5 4.11]. */
    USE_ANOTHER_SERVER(0x9C, 3),
    /** Served elsewhere for good [MQTT5 4.11]. */
    SERVER_MOVED(0x9D, 3),
    /** Shared subscriptions are not offered. */
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E, 3),
    /** Subscription identifiers are not offered. */
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(0xA1, 3);

    private final int value;
    private final int connectReturnCode;

    ReasonCode(int value, int connectReturnCode) {
        this.value = value;
        this.connectReturnCode = connectReturnCode;
    }

    /** The value on the wire in MQTT 5.0. */
    public int value() {
        return value;
    }

    /** The CONNACK return code in MQTT 3.1 and 3.1.1. */
    public int connectReturnCode() {
        return connectReturnCode;
    }
}
