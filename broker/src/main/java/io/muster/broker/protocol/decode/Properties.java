package io.muster.broker.protocol.decode;

import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.UserProperty;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The properties that came with a packet [MQTT5 2.2.2]. Immutable. */
public final class Properties {

    /** No properties. */
    public static final Properties NONE = new Properties(Map.of(), List.of());

    private final Map<Property, Object> values;
    private final List<UserProperty> userProperties;

    private Properties(Map<Property, Object> values, List<UserProperty> userProperties) {
        this.values = values;
        this.userProperties = userProperties;
    }

    /** Reads the properties of a packet of MQTT 5.0, their length before them. */
    static Properties read(FieldReader fields, ByteBuf in, Property.Place place) {
        int length = fields.variableByteInteger(in, "property length");
        if (length == 0) {
            return NONE;
        }
        if (length > in.readableBytes()) {
            throw ProtocolViolation.endsEarly("packet ends within its properties [MQTT5 2.2.2.1]");
        }
        int packetEnd = in.writerIndex();
        in.writerIndex(in.readerIndex() + length);
        try {
            return readAll(fields, in, place);
        } catch (ProtocolViolation violation) {
            // If something ends early here, then these properties, and not the packet.
            throw new ProtocolViolation(violation.reason(), String.valueOf(violation.getMessage()));
        } finally {
            in.writerIndex(packetEnd);
        }
    }

    private static Properties readAll(FieldReader fields, ByteBuf in, Property.Place place) {
        Map<Property, Object> values = new EnumMap<>(Property.class);
        List<UserProperty> userProperties = new ArrayList<>(0);
        while (in.isReadable()) {
            Property property =
                    Property.of(fields.variableByteInteger(in, "property identifier"), place);
            Object value = property.read(fields, in);
            if (property.isRepeatable()) {
                userProperties.add((UserProperty) value);
            } else if (values.put(property, value) != null) {
                throw new ProtocolViolation(
                        ReasonCode.PROTOCOL_ERROR,
                        property + " more than once in " + place + " [MQTT5 2.2.2]");
            }
        }
        return new Properties(values, List.copyOf(userProperties));
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return values.isEmpty() && userProperties.isEmpty();
    }

    /** Whether a property was sent. */
    public boolean has(Property property) {
        return values.containsKey(property);
    }

    /** A number, or {@code otherwise} if it was not sent. */
    public long number(Property property, long otherwise) {
        Object value = values.get(property);
        return value == null ? otherwise : (Long) value;
    }

    /** A text, or null if it was not sent. */
    public @Nullable String text(Property property) {
        return (String) values.get(property);
    }

    /** Bytes, or null if they were not sent; the caller may keep them. */
    public byte @Nullable [] binary(Property property) {
        return (byte[]) values.get(property);
    }

    /** In the order sent. */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /** What travels with a message unaltered, from a PUBLISH or from a will. */
    PublishProperties forwarded() {
        if (isEmpty()) {
            return PublishProperties.NONE;
        }
        byte @Nullable [] correlationData = binary(Property.CORRELATION_DATA);
        return new PublishProperties(
                (int) number(Property.PAYLOAD_FORMAT_INDICATOR, -1),
                text(Property.CONTENT_TYPE),
                responseTopic(),
                correlationData == null ? null : Payload.of(correlationData),
                userProperties);
    }

    private @Nullable String responseTopic() {
        String topic = text(Property.RESPONSE_TOPIC);
        boolean isBroken =
                topic != null
                        && (topic.isEmpty() || topic.indexOf('#') >= 0 || topic.indexOf('+') >= 0);
        if (isBroken) {
            throw new ProtocolViolation(
                    ReasonCode.PROTOCOL_ERROR,
                    "response topic is empty or has a wildcard [MQTT-3.3.2-14]");
        }
        return topic;
    }
}
