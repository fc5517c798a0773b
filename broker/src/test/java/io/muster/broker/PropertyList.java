package io.muster.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Payload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The properties of a packet of MQTT 5.0, in the order in which they stand in it. */
public record PropertyList(List<Property> properties) {

    /** A property: its identifier and its bytes as they stand in the packet. */
    public record Property(int id, Payload content) {

        ByteBuffer value() {
            return ByteBuffer.wrap(content.bytes());
        }
    }

    public PropertyList {
        properties = List.copyOf(properties);
    }

    /** Reads properties, without the length before them. Fails if there is an unknown one. */
    public static PropertyList of(byte[] bytes) {
        List<Property> found = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            int id = rest.get() & 0xFF;
            byte[] value = new byte[size(id, rest)];
            rest.get(value);
            found.add(new Property(id, Payload.of(value)));
        }
        return new PropertyList(found);
    }

    /** How many bytes the value has that begins here [MQTT5 2.2.2.2]. */
    private static int size(int id, ByteBuffer rest) {
        int at = rest.position();
        return switch (id) {
            case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A -> 1;
            case 0x13, 0x21, 0x22, 0x23 -> 2;
            case 0x02, 0x11, 0x18, 0x27 -> 4;
            case 0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F -> prefixed(rest, at);
            case 0x26 -> {
                int name = prefixed(rest, at);
                yield name + prefixed(rest, at + name);
            }
            case 0x0B -> {
                int digits = 1;
                while ((rest.get(at + digits - 1) & 0x80) != 0) {
                    digits++;
                }
                yield digits;
            }
            default -> throw new AssertionError("unknown property %02X".formatted(id));
        };
    }

    private static int prefixed(ByteBuffer bytes, int at) {
        return 2 + (bytes.getShort(at) & 0xFFFF);
    }

    public boolean has(int id) {
        return properties.stream().anyMatch(property -> property.id() == id);
    }

    /** The bytes of all properties but those with this identifier. */
    byte[] without(int id) {
        return Packets.join(
                properties.stream()
                        .filter(property -> property.id() != id)
                        .map(
                                property ->
                                        Packets.join(
                                                new byte[] {(byte) property.id()},
                                                property.content().bytes()))
                        .toArray(byte[][]::new));
    }

    /** The values of a property that is a number, of whatever kind. */
    public List<Long> numbers(int id) {
        return properties.stream()
                .filter(property -> property.id() == id)
                .map(property -> number(property.id(), property.content().bytes()))
                .toList();
    }

    private static long number(int id, byte[] bytes) {
        long number = 0;
        if (id == Packets.SUBSCRIPTION_IDENTIFIER) {
            for (int i = bytes.length - 1; i >= 0; i--) {
                number = number << 7 | (bytes[i] & 0x7F);
            }
            return number;
        }
        for (byte each : bytes) {
            number = number << 8 | (each & 0xFF);
        }
        return number;
    }

    /** The value of a property that is a number. Fails if it is not there just once. */
    public long number(int id) {
        List<Long> found = numbers(id);
        assertThat(found).as("property %02X", id).hasSize(1);
        return found.get(0);
    }

    /** The value of a property that is binary data. Fails if it is not there just once. */
    public byte[] binary(int id) {
        List<Property> found = properties.stream().filter(property -> property.id() == id).toList();
        assertThat(found).as("property %02X", id).hasSize(1);
        byte[] value = found.get(0).content().bytes();
        return Arrays.copyOfRange(value, 2, value.length);
    }

    /** The value of a property that is text. Fails if it is not there just once. */
    public String text(int id) {
        return new String(binary(id), UTF_8);
    }

    /** The user properties: name and value, in order. */
    public List<Map.Entry<String, String>> userProperties() {
        return properties.stream()
                .filter(property -> property.id() == Packets.USER_PROPERTY)
                .map(property -> userProperty(property.value()))
                .toList();
    }

    private static Map.Entry<String, String> userProperty(ByteBuffer value) {
        String name = next(value);
        return Map.entry(name, next(value));
    }

    private static String next(ByteBuffer value) {
        byte[] text = new byte[value.getShort() & 0xFFFF];
        value.get(text);
        return new String(text, UTF_8);
    }
}
