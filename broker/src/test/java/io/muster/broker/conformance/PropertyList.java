package io.muster.broker.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.broker.RawClient;
import io.muster.broker.message.Payload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The properties of a packet from the broker, in the order sent [MQTT5 2.2.2].
 *
 * @param encodedLength how many bytes they and their length take
 * @param properties what was sent
 */
public record PropertyList(int encodedLength, List<Property> properties) {

    public static final int MESSAGE_EXPIRY = 0x02;
    public static final int RESPONSE_TOPIC = 0x08;
    public static final int CORRELATION_DATA = 0x09;
    public static final int SUBSCRIPTION_IDENTIFIER = 0x0B;
    public static final int SESSION_EXPIRY = 0x11;
    public static final int AUTHENTICATION_METHOD = 0x15;
    public static final int AUTHENTICATION_DATA = 0x16;
    public static final int SERVER_REFERENCE = 0x1C;
    public static final int REASON_STRING = 0x1F;
    public static final int USER_PROPERTY = 0x26;

    /**
     * One property.
     *
     * @param id its identifier
     * @param value its value, for texts and binary data without the length
     */
    public record Property(int id, Payload value) {

        public String text() {
            return new String(value.bytes(), UTF_8);
        }

        /** The value of an integer of any size; a variable one was decoded when it was read. */
        public long number() {
            long number = 0;
            for (byte each : value.bytes()) {
                number = number << 8 | (each & 0xFF);
            }
            return number;
        }
    }

    public PropertyList {
        properties = List.copyOf(properties);
    }

    /** Reads the properties of a packet of any type that has some. */
    public static PropertyList of(RawClient.Packet packet) {
        ByteBuffer in = ByteBuffer.wrap(packet.body());
        int start = start(packet);
        if (start >= in.limit()) {
            return new PropertyList(0, List.of());
        }
        in.position(start);
        int length = variable(in);
        int end = in.position() + length;
        List<Property> properties = new ArrayList<>();
        while (in.position() < end) {
            properties.add(next(in));
        }
        return new PropertyList(in.position() - start, properties);
    }

    private static int start(RawClient.Packet packet) {
        return switch (packet.type()) {
            case 3 -> 2 + packet.topic().getBytes(UTF_8).length + (packet.qos() == 0 ? 0 : 2);
            case 4, 5, 6, 7 -> 3;
            case 2, 9, 11 -> 2;
            case 14, 15 -> 1;
            default -> throw new AssertionError("has no properties: " + packet.hex());
        };
    }

    private static Property next(ByteBuffer in) {
        int id = in.get();
        byte[] value =
                switch (id) {
                    case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A -> bytes(in, 1);
                    case 0x13, 0x21, 0x22, 0x23 -> bytes(in, 2);
                    case 0x02, 0x11, 0x18, 0x27 -> bytes(in, 4);
                    case 0x0B -> ByteBuffer.allocate(4).putInt(variable(in)).array();
                    case 0x26 -> pair(in);
                    case 0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F ->
                            bytes(in, in.getShort() & 0xFFFF);
                    default -> throw new AssertionError("unknown property " + id);
                };
        return new Property(id, Payload.of(value));
    }

    private static byte[] pair(ByteBuffer in) {
        String name = new String(bytes(in, in.getShort() & 0xFFFF), UTF_8);
        String value = new String(bytes(in, in.getShort() & 0xFFFF), UTF_8);
        return (name + "=" + value).getBytes(UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private static int variable(ByteBuffer in) {
        int value = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.get();
            value |= (digit & 0x7F) << shift;
            shift += 7;
        } while ((digit & 0x80) != 0);
        return value;
    }

    /** The property with this identifier, if it was sent. */
    public Optional<Property> find(int id) {
        return properties.stream().filter(property -> property.id() == id).findFirst();
    }

    public boolean has(int id) {
        return find(id).isPresent();
    }

    /** The numbers of all properties with this identifier. */
    public List<Long> numbers(int id) {
        return properties.stream()
                .filter(property -> property.id() == id)
                .map(Property::number)
                .toList();
    }

    /** The texts of all properties with this identifier; a user property is {@code name=value}. */
    public List<String> texts(int id) {
        return properties.stream()
                .filter(property -> property.id() == id)
                .map(Property::text)
                .toList();
    }
}
