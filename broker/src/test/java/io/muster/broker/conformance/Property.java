package io.muster.broker.conformance;

import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.join;
import static io.muster.broker.conformance.Property.Place.AUTH;
import static io.muster.broker.conformance.Property.Place.CONNACK;
import static io.muster.broker.conformance.Property.Place.CONNECT;
import static io.muster.broker.conformance.Property.Place.DISCONNECT;
import static io.muster.broker.conformance.Property.Place.PUBACK;
import static io.muster.broker.conformance.Property.Place.PUBCOMP;
import static io.muster.broker.conformance.Property.Place.PUBLISH;
import static io.muster.broker.conformance.Property.Place.PUBREC;
import static io.muster.broker.conformance.Property.Place.PUBREL;
import static io.muster.broker.conformance.Property.Place.SUBACK;
import static io.muster.broker.conformance.Property.Place.SUBSCRIBE;
import static io.muster.broker.conformance.Property.Place.UNSUBACK;
import static io.muster.broker.conformance.Property.Place.WILL;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The properties of MQTT 5.0, their types, and where each may stand [MQTT5 table 2-4]. */
public enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, Type.BYTE, PUBLISH, WILL),
    MESSAGE_EXPIRY_INTERVAL(0x02, Type.FOUR_BYTES, PUBLISH, WILL),
    CONTENT_TYPE(0x03, Type.TEXT, PUBLISH, WILL),
    RESPONSE_TOPIC(0x08, Type.TEXT, PUBLISH, WILL),
    CORRELATION_DATA(0x09, Type.BINARY, PUBLISH, WILL),
    SUBSCRIPTION_IDENTIFIER(0x0B, Type.VARIABLE, PUBLISH, SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(0x11, Type.FOUR_BYTES, CONNECT, CONNACK, DISCONNECT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Type.TEXT, CONNACK),
    SERVER_KEEP_ALIVE(0x13, Type.TWO_BYTES, CONNACK),
    AUTHENTICATION_METHOD(0x15, Type.TEXT, CONNECT, CONNACK, AUTH),
    AUTHENTICATION_DATA(0x16, Type.BINARY, CONNECT, CONNACK, AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, Type.BYTE, CONNECT),
    WILL_DELAY_INTERVAL(0x18, Type.FOUR_BYTES, WILL),
    REQUEST_RESPONSE_INFORMATION(0x19, Type.BYTE, CONNECT),
    RESPONSE_INFORMATION(0x1A, Type.TEXT, CONNACK),
    SERVER_REFERENCE(0x1C, Type.TEXT, CONNACK, DISCONNECT),
    REASON_STRING(
            0x1F,
            Type.TEXT,
            CONNACK,
            PUBACK,
            PUBREC,
            PUBREL,
            PUBCOMP,
            SUBACK,
            UNSUBACK,
            DISCONNECT,
            AUTH),
    RECEIVE_MAXIMUM(0x21, Type.TWO_BYTES, CONNECT, CONNACK),
    TOPIC_ALIAS_MAXIMUM(0x22, Type.TWO_BYTES, CONNECT, CONNACK),
    TOPIC_ALIAS(0x23, Type.TWO_BYTES, PUBLISH),
    MAXIMUM_QOS(0x24, Type.BYTE, CONNACK),
    RETAIN_AVAILABLE(0x25, Type.BYTE, CONNACK),
    USER_PROPERTY(0x26, Type.PAIR, Place.values()),
    MAXIMUM_PACKET_SIZE(0x27, Type.FOUR_BYTES, CONNECT, CONNACK),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Type.BYTE, CONNACK),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Type.BYTE, CONNACK),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Type.BYTE, CONNACK);

    /** Packets with properties, and the will inside of CONNECT. */
    public enum Place {
        CONNECT,
        WILL,
        CONNACK,
        PUBLISH,
        PUBACK,
        PUBREC,
        PUBREL,
        PUBCOMP,
        SUBSCRIBE,
        SUBACK,
        UNSUBSCRIBE,
        UNSUBACK,
        DISCONNECT,
        AUTH
    }

    /** How the value of a property is written, with a small value as an example. */
    public enum Type {
        BYTE("01"),
        TWO_BYTES("00 01"),
        FOUR_BYTES("00 00 40 00"),
        VARIABLE("01"),
        TEXT("00 01 74"),
        BINARY("00 01 74"),
        PAIR("00 01 6E 00 01 76");

        private final String example;

        Type(String example) {
            this.example = example;
        }
    }

    private final int id;
    private final Type type;

    @SuppressWarnings("ImmutableEnumChecker") // Made unmodifiable where it is set.
    private final Set<Place> places;

    Property(int id, Type type, Place... places) {
        this.id = id;
        this.type = type;
        this.places = Set.of(places);
    }

    public int id() {
        return id;
    }

    public Type type() {
        return type;
    }

    public boolean mayStandIn(Place place) {
        return places.contains(place);
    }

    /** Whether one packet may have several of it [MQTT5 2.2.2.2]. */
    public boolean isRepeatable(Place place) {
        return this == USER_PROPERTY || (this == SUBSCRIPTION_IDENTIFIER && place == PUBLISH);
    }

    /** The property with a value that is right in itself. */
    public byte[] example() {
        return join(new byte[] {(byte) id}, bytes(type.example));
    }

    public static Optional<Property> of(int id) {
        return Arrays.stream(values()).filter(property -> property.id == id).findFirst();
    }
}
