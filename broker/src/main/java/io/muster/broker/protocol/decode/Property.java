package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Property.Place.ACKNOWLEDGEMENT;
import static io.muster.broker.protocol.decode.Property.Place.AUTH;
import static io.muster.broker.protocol.decode.Property.Place.CONNECT;
import static io.muster.broker.protocol.decode.Property.Place.DISCONNECT;
import static io.muster.broker.protocol.decode.Property.Place.PUBLISH;
import static io.muster.broker.protocol.decode.Property.Place.SUBSCRIBE;
import static io.muster.broker.protocol.decode.Property.Place.WILL;

import io.muster.broker.protocol.packet.PropertyIdentifier;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The properties that a client may send: the table of MQTT 5.0 [MQTT5 2.2.2.2]. What is for servers
 * only is not in it, and hence malformed when it comes.
 */
public enum Property {
    /** Whether a payload is text. */
    PAYLOAD_FORMAT_INDICATOR(
            PropertyIdentifier.PAYLOAD_FORMAT_INDICATOR, Kind.SWITCH, PUBLISH, WILL),
    /** Seconds that a message lives. */
    MESSAGE_EXPIRY_INTERVAL(
            PropertyIdentifier.MESSAGE_EXPIRY_INTERVAL, Kind.FOUR_BYTES, PUBLISH, WILL),
    /** Describes a payload. */
    CONTENT_TYPE(PropertyIdentifier.CONTENT_TYPE, Kind.TEXT, PUBLISH, WILL),
    /** Where an answer goes. */
    RESPONSE_TOPIC(PropertyIdentifier.RESPONSE_TOPIC, Kind.TEXT, PUBLISH, WILL),
    /** Which request an answer is for. */
    CORRELATION_DATA(PropertyIdentifier.CORRELATION_DATA, Kind.BINARY, PUBLISH, WILL),
    /** Comes back with each message of a subscription. */
    SUBSCRIPTION_IDENTIFIER(
            PropertyIdentifier.SUBSCRIPTION_IDENTIFIER, Kind.POSITIVE_VARIABLE, SUBSCRIBE, PUBLISH),
    /** Seconds that a session outlives its connection. */
    SESSION_EXPIRY_INTERVAL(
            PropertyIdentifier.SESSION_EXPIRY_INTERVAL, Kind.FOUR_BYTES, CONNECT, DISCONNECT),
    /** Which enhanced authentication. */
    AUTHENTICATION_METHOD(PropertyIdentifier.AUTHENTICATION_METHOD, Kind.TEXT, CONNECT, AUTH),
    /** Its data. */
    AUTHENTICATION_DATA(PropertyIdentifier.AUTHENTICATION_DATA, Kind.BINARY, CONNECT, AUTH),
    /** Whether reason strings are welcome on all packets. */
    REQUEST_PROBLEM_INFORMATION(
            PropertyIdentifier.REQUEST_PROBLEM_INFORMATION, Kind.SWITCH, CONNECT),
    /** Seconds that a will waits. */
    WILL_DELAY_INTERVAL(PropertyIdentifier.WILL_DELAY_INTERVAL, Kind.FOUR_BYTES, WILL),
    /** Whether response information is wanted. */
    REQUEST_RESPONSE_INFORMATION(
            PropertyIdentifier.REQUEST_RESPONSE_INFORMATION, Kind.SWITCH, CONNECT),
    /** Where else to go. */
    SERVER_REFERENCE(PropertyIdentifier.SERVER_REFERENCE, Kind.TEXT, DISCONNECT),
    /** For people who look for a fault. */
    REASON_STRING(PropertyIdentifier.REASON_STRING, Kind.TEXT, ACKNOWLEDGEMENT, DISCONNECT, AUTH),
    /** Unacknowledged messages that the client takes. */
    RECEIVE_MAXIMUM(PropertyIdentifier.RECEIVE_MAXIMUM, Kind.POSITIVE_TWO_BYTES, CONNECT),
    /** Topic aliases that the client takes. */
    TOPIC_ALIAS_MAXIMUM(PropertyIdentifier.TOPIC_ALIAS_MAXIMUM, Kind.TWO_BYTES, CONNECT),
    /** Stands for a topic. */
    TOPIC_ALIAS(PropertyIdentifier.TOPIC_ALIAS, Kind.TWO_BYTES, PUBLISH),
    /** A name and a value; may come again and again, everywhere. */
    USER_PROPERTY(PropertyIdentifier.USER_PROPERTY, Kind.PAIR, Place.values()),
    /** Bytes of the largest packet that the client takes. */
    MAXIMUM_PACKET_SIZE(PropertyIdentifier.MAXIMUM_PACKET_SIZE, Kind.POSITIVE_FOUR_BYTES, CONNECT);

    /** Where a property stands. */
    public enum Place {
        /** In CONNECT. */
        CONNECT,
        /** In the will of a CONNECT. */
        WILL,
        /** In PUBLISH. */
        PUBLISH,
        /** In PUBACK, PUBREC, PUBREL or PUBCOMP. */
        ACKNOWLEDGEMENT,
        /** In SUBSCRIBE. */
        SUBSCRIBE,
        /** In UNSUBSCRIBE. */
        UNSUBSCRIBE,
        /** In DISCONNECT. */
        DISCONNECT,
        /** In AUTH. */
        AUTH
    }

    /** Reads one value. */
    private interface ValueReader {
        Object read(FieldReader fields, ByteBuf in, String name);
    }

    /**
     * What the values look like: numbers are {@link Long}, the rest as {@link FieldReader} has it.
     */
    private enum Kind {
        SWITCH((fields, in, name) -> switchValue(fields.oneByte(in, name), name)),
        TWO_BYTES((fields, in, name) -> (long) fields.twoBytes(in, name)),
        FOUR_BYTES(FieldReader::fourBytes),
        POSITIVE_TWO_BYTES((fields, in, name) -> positive(fields.twoBytes(in, name), name)),
        POSITIVE_FOUR_BYTES((fields, in, name) -> positive(fields.fourBytes(in, name), name)),
        POSITIVE_VARIABLE(
                (fields, in, name) -> positive(fields.variableByteInteger(in, name), name)),
        BINARY(FieldReader::binary),
        TEXT(FieldReader::text),
        PAIR(FieldReader::pair);

        @SuppressWarnings("ImmutableEnumChecker") // A reader holds no state.
        private final ValueReader reader;

        Kind(ValueReader reader) {
            this.reader = reader;
        }

        private static long switchValue(int value, String name) {
            if (value > 1) {
                throw new ProtocolViolation(
                        ReasonCode.PROTOCOL_ERROR,
                        "%s must be 0 or 1, not %d [MQTT5 3.1.2.11, 3.3.2.3.2]"
                                .formatted(name, value));
            }
            return value;
        }

        private static long positive(long value, String name) {
            if (value == 0) {
                throw new ProtocolViolation(
                        ReasonCode.PROTOCOL_ERROR,
                        name + " must not be 0 [MQTT5 3.1.2.11, 3.8.2.1.2]");
            }
            return value;
        }
    }

    private static final @Nullable Property[] BY_IDENTIFIER = new Property[0x80];

    static {
        for (Property property : values()) {
            BY_IDENTIFIER[property.identifier] = property;
        }
    }

    private final int identifier;
    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // Made here, changed by nobody.
    private final Set<Place> places;

    Property(int identifier, Kind kind, Place... places) {
        this.identifier = identifier;
        this.kind = kind;
        this.places = EnumSet.copyOf(Arrays.asList(places));
    }

    /** The property with this identifier, if it may stand there [MQTT5 2.2.2.2]. */
    static Property of(int identifier, Place place) {
        Property property = identifier < BY_IDENTIFIER.length ? BY_IDENTIFIER[identifier] : null;
        if (property == null || !property.places.contains(place)) {
            throw FieldReader.malformed(
                    "property 0x%02X is not for a client's %s [MQTT5 2.2.2.2]"
                            .formatted(identifier, place));
        }
        return property;
    }

    /** Whether it may come more than once. */
    boolean isRepeatable() {
        return this == USER_PROPERTY;
    }

    Object read(FieldReader fields, ByteBuf in) {
        return kind.reader.read(fields, in, name());
    }
}
