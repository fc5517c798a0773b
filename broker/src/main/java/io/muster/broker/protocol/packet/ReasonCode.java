package io.muster.broker.protocol.packet;

import org.jspecify.annotations.Nullable;

/**
 * Reason codes of MQTT 5.0 [MQTT5 2.4], with the CONNACK return code that stands for each in
 * earlier versions [MQTT3 3.2.2.3].
 */
public enum ReasonCode {
    /** All is well; also "granted QoS 0" and "normal disconnection". */
    SUCCESS(0x00, 0, "success"),
    /** The message was accepted, but nobody subscribes to it. */
    NO_MATCHING_SUBSCRIBERS(0x10, 0, "nobody subscribes to the topic"),
    /** There was no such subscription. */
    NO_SUBSCRIPTION_EXISTED(0x11, 0, "there was no such subscription"),
    /** An exchange goes on. */
    CONTINUE_AUTHENTICATION(0x18, 0, "continue authentication"),
    /** The reason is not told. */
    UNSPECIFIED_ERROR(0x80, 3, "unspecified error"),
    /** The bytes do not make a packet. */
    MALFORMED_PACKET(0x81, 3, "malformed packet"),
    /** The packet was not allowed there or so. */
    PROTOCOL_ERROR(0x82, 3, "protocol error"),
    /** The version is not spoken here. */
    UNSUPPORTED_PROTOCOL_VERSION(0x84, 1, "protocol version not supported"),
    /** The client identifier is not accepted. */
    CLIENT_IDENTIFIER_NOT_VALID(0x85, 2, "client identifier not accepted"),
    /** Unknown name or wrong proof. */
    BAD_USER_NAME_OR_PASSWORD(0x86, 4, "bad user name or password"),
    /** Known, but not allowed. */
    NOT_AUTHORIZED(0x87, 5, "not authorized"),
    /** Cannot be answered now. */
    SERVER_UNAVAILABLE(0x88, 3, "server unavailable"),
    /** Barred. */
    BANNED(0x8A, 5, "banned"),
    /** The server stops. */
    SERVER_SHUTTING_DOWN(0x8B, 3, "server shutting down"),
    /** The authentication method is not known. */
    BAD_AUTHENTICATION_METHOD(0x8C, 5, "authentication method not known"),
    /** Nothing came for too long. */
    KEEP_ALIVE_TIMEOUT(0x8D, 3, "nothing received for one and a half keep alive intervals"),
    /** Another connection with the same client identifier. */
    SESSION_TAKEN_OVER(0x8E, 3, "another connection uses this client identifier"),
    /** The topic filter is well formed, but not accepted. */
    TOPIC_FILTER_INVALID(0x8F, 3, "topic filter not accepted"),
    /** The topic name is well formed, but not accepted. */
    TOPIC_NAME_INVALID(0x90, 3, "topic name not accepted"),
    /** No such packet identifier is in use. */
    PACKET_IDENTIFIER_NOT_FOUND(0x92, 3, "packet identifier not in use"),
    /** More unacknowledged messages than allowed. */
    RECEIVE_MAXIMUM_EXCEEDED(0x93, 3, "receive maximum exceeded"),
    /** A topic alias that is 0, above the maximum, or stands for nothing. */
    TOPIC_ALIAS_INVALID(0x94, 3, "topic alias not valid"),
    /** Larger than the Maximum Packet Size. */
    PACKET_TOO_LARGE(0x95, 3, "packet too large"),
    /** A limit of this server is reached. */
    QUOTA_EXCEEDED(0x97, 3, "quota exceeded"),
    /** An operator's doing. */
    ADMINISTRATIVE_ACTION(0x98, 3, "ended by an operator"),
    /** The payload is not the text that it is said to be. */
    PAYLOAD_FORMAT_INVALID(0x99, 3, "payload is not the UTF-8 text that its format indicator says"),
    /** Retained messages are switched off. */
    RETAIN_NOT_SUPPORTED(0x9A, 5, "retained messages not supported"),
    /** Above the Maximum QoS. */
    QOS_NOT_SUPPORTED(0x9B, 5, "QoS not supported"),
    /** Another server is to be used for now. */
    USE_ANOTHER_SERVER(0x9C, 3, "use another server"),
    /** Another server is to be used from now on. */
    SERVER_MOVED(0x9D, 3, "server moved"),
    /** Shared subscriptions are switched off. */
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E, 3, "shared subscriptions not supported"),
    /** More clients connect in a second than may. */
    CONNECTION_RATE_EXCEEDED(0x9F, 3, "connection rate exceeded"),
    /** Filters with wildcards are switched off. */
    WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(0xA2, 3, "wildcard subscriptions not supported");

    private final int value;
    private final int connectReturnCode;
    private final String sentence;

    ReasonCode(int value, int connectReturnCode, String sentence) {
        this.value = value;
        this.connectReturnCode = connectReturnCode;
        this.sentence = sentence;
    }

    /** The value on the wire in MQTT 5.0. */
    public int value() {
        return value;
    }

    /** The CONNACK return code in MQTT 3.1 and 3.1.1. */
    public int connectReturnCode() {
        return connectReturnCode;
    }

    /** The failure with this value on the wire, or null if there is none among those used here. */
    static @Nullable ReasonCode failure(int value) {
        for (ReasonCode reason : values()) {
            if (reason.value == value && reason.isFailure()) {
                return reason;
            }
        }
        return null;
    }

    /** Whether it says that something failed [MQTT5 2.4]. */
    public boolean isFailure() {
        return value >= 0x80;
    }

    /** What it means, for people; gives nothing away that the code does not. */
    public String sentence() {
        return sentence;
    }
}
