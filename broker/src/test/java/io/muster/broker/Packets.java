package io.muster.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * The packets that tests send, as bytes. Built here and not by a library, so that they can be
 * wrong.
 */
public final class Packets {

    public static final int PAYLOAD_FORMAT = 0x01;
    public static final int MESSAGE_EXPIRY = 0x02;
    public static final int CONTENT_TYPE = 0x03;
    public static final int RESPONSE_TOPIC = 0x08;
    public static final int CORRELATION_DATA = 0x09;
    public static final int SUBSCRIPTION_IDENTIFIER = 0x0B;
    public static final int SESSION_EXPIRY = 0x11;
    public static final int ASSIGNED_CLIENT_IDENTIFIER = 0x12;
    public static final int SERVER_KEEP_ALIVE = 0x13;
    public static final int AUTHENTICATION_METHOD = 0x15;
    public static final int AUTHENTICATION_DATA = 0x16;
    public static final int REQUEST_PROBLEM_INFORMATION = 0x17;
    public static final int WILL_DELAY = 0x18;
    public static final int REQUEST_RESPONSE_INFORMATION = 0x19;
    public static final int RESPONSE_INFORMATION = 0x1A;
    public static final int SERVER_REFERENCE = 0x1C;
    public static final int REASON_STRING = 0x1F;
    public static final int RECEIVE_MAXIMUM = 0x21;
    public static final int TOPIC_ALIAS_MAXIMUM = 0x22;
    public static final int TOPIC_ALIAS = 0x23;
    public static final int MAXIMUM_QOS = 0x24;
    public static final int RETAIN_AVAILABLE = 0x25;
    public static final int USER_PROPERTY = 0x26;
    public static final int MAXIMUM_PACKET_SIZE = 0x27;
    public static final int WILDCARD_AVAILABLE = 0x28;
    public static final int SUBSCRIPTION_IDENTIFIER_AVAILABLE = 0x29;
    public static final int SHARED_AVAILABLE = 0x2A;

    public static final int RETAIN = 0x01;
    public static final int QOS_1 = 0x02;
    public static final int QOS_2 = 0x04;
    public static final int DUP = 0x08;
    public static final int WILL_QOS_1 = 0x08;
    public static final int WILL_QOS_2 = 0x10;
    public static final int WILL_RETAIN = 0x20;

    public static final byte[] PINGREQ = bytes("C0 00");
    public static final byte[] DISCONNECT = bytes("E0 00");
    public static final byte[] DISCONNECT_WITH_WILL = bytes("E0 01 04");
    public static final byte[] NO_PROPERTIES = {};

    private Packets() {}

    public static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }

    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    public static byte[] u8(int id, int value) {
        return new byte[] {(byte) id, (byte) value};
    }

    public static byte[] u16(int value) {
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    public static byte[] u16(int id, int value) {
        return join(new byte[] {(byte) id}, u16(value));
    }

    public static byte[] u32(int id, long value) {
        return join(new byte[] {(byte) id}, u16((int) (value >> 16)), u16((int) value));
    }

    /** Text without its length. */
    public static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    public static byte[] text(String text) {
        return binary(utf8(text));
    }

    /** A property that is a variable byte integer. */
    public static byte[] variable(int id, int value) {
        return join(new byte[] {(byte) id}, length(value));
    }

    public static byte[] binary(int id, byte[] data) {
        return join(new byte[] {(byte) id}, binary(data));
    }

    public static byte[] text(int id, String text) {
        return join(new byte[] {(byte) id}, text(text));
    }

    public static byte[] binary(byte[] data) {
        return join(u16(data.length), data);
    }

    public static byte[] userProperty(String name, String value) {
        return join(new byte[] {0x26}, text(name), text(value));
    }

    /** Properties behind their length. */
    public static byte[] properties(byte[]... properties) {
        byte[] all = join(properties);
        return join(length(all.length), all);
    }

    /** A variable byte integer of as few bytes as it needs. */
    public static byte[] length(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest > 0x7F) {
            out.write((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    /** A packet of any kind: its first byte, its length, and what follows. */
    public static byte[] packet(int firstByte, byte[]... parts) {
        byte[] rest = join(parts);
        return join(new byte[] {(byte) firstByte}, length(rest.length), rest);
    }

    /** A CONNECT to be filled in; clean, without keep alive. */
    public static Connect connect(int level, String clientIdentifier) {
        return new Connect(level, clientIdentifier);
    }

    public static byte[] publish(String topic, String payload) {
        return packet(0x30, text(topic), payload.getBytes(UTF_8));
    }

    public static byte[] publish(int flags, int packetId, String topic, String payload) {
        return packet(0x30 | flags, text(topic), u16(packetId), payload.getBytes(UTF_8));
    }

    public static byte[] publish5(String topic, byte[] properties, String payload) {
        return packet(0x30, text(topic), properties(properties), payload.getBytes(UTF_8));
    }

    public static byte[] publish5(
            int flags, int packetId, String topic, byte[] properties, String payload) {
        return packet(
                0x30 | flags,
                text(topic),
                u16(packetId),
                properties(properties),
                payload.getBytes(UTF_8));
    }

    public static byte[] subscribe(int packetId, String filter, int options) {
        return packet(0x82, u16(packetId), text(filter), new byte[] {(byte) options});
    }

    public static byte[] subscribe5(int packetId, String filter, int options) {
        return subscribe5(packetId, NO_PROPERTIES, filter, options);
    }

    public static byte[] subscribe5(int packetId, byte[] properties, String filter, int options) {
        return packet(
                0x82,
                u16(packetId),
                properties(properties),
                text(filter),
                new byte[] {(byte) options});
    }

    /** A filter and the byte behind it, as it stands in a SUBSCRIBE. */
    public static byte[] filter(String filter, int options) {
        return join(text(filter), new byte[] {(byte) options});
    }

    /** A SUBSCRIBE of several filters with their options. */
    public static byte[] subscribeAll(int packetId, byte[]... filters) {
        return packet(0x82, u16(packetId), join(filters));
    }

    public static byte[] subscribeAll5(int packetId, byte[] properties, byte[]... filters) {
        return packet(0x82, u16(packetId), properties(properties), join(filters));
    }

    public static byte[] unsubscribe(int packetId, String... filters) {
        return packet(0xA2, u16(packetId), texts(filters));
    }

    public static byte[] unsubscribe5(int packetId, byte[] properties, String... filters) {
        return packet(0xA2, u16(packetId), properties(properties), texts(filters));
    }

    private static byte[] texts(String... texts) {
        return join(Stream.of(texts).map(Packets::text).toArray(byte[][]::new));
    }

    /** A PUBACK, PUBREC, PUBREL or PUBCOMP with all that MQTT 5.0 lets them have. */
    public static byte[] acknowledgement5(
            int firstByte, int packetId, int reason, byte[] properties) {
        return packet(firstByte, u16(packetId), new byte[] {(byte) reason}, properties(properties));
    }

    public static byte[] auth(int reason, byte[]... properties) {
        return packet(0xF0, new byte[] {(byte) reason}, properties(properties));
    }

    public static byte[] puback(int packetId) {
        return packet(0x40, u16(packetId));
    }

    public static byte[] pubrec(int packetId) {
        return packet(0x50, u16(packetId));
    }

    public static byte[] pubrel(int packetId) {
        return packet(0x62, u16(packetId));
    }

    public static byte[] pubcomp(int packetId) {
        return packet(0x70, u16(packetId));
    }

    public static byte[] disconnect5(int reason, byte[] properties) {
        return packet(0xE0, new byte[] {(byte) reason}, properties(properties));
    }

    /** The fields of a CONNECT. */
    public static final class Connect {
        private final int level;
        private final byte[] clientIdentifier;
        private byte[] protocol;
        private int flags = 0x02;
        private int keepAliveSeconds;
        private byte[] properties = {};
        private byte[] payload = {};

        private Connect(int level, String clientIdentifier) {
            this.level = level;
            this.clientIdentifier = text(clientIdentifier);
            protocol = join(text(level == 3 ? "MQIsdp" : "MQTT"), new byte[] {(byte) level});
        }

        /** Another protocol name and level than the fields follow. */
        public Connect protocol(String name, int announcedLevel) {
            protocol = join(text(name), new byte[] {(byte) announcedLevel});
            return this;
        }

        /** Keeps or resumes the session. */
        public Connect resume() {
            flags &= ~0x02;
            return this;
        }

        /** Sets flags as they are, right or wrong. */
        public Connect flags(int more) {
            flags |= more;
            return this;
        }

        public Connect keepAlive(int seconds) {
            keepAliveSeconds = seconds;
            return this;
        }

        public Connect with(byte[] more) {
            properties = join(properties, more);
            return this;
        }

        public Connect expiry(long seconds) {
            return with(u32(SESSION_EXPIRY, seconds));
        }

        /** A will; its properties are sent in MQTT 5.0 only. */
        public Connect will(String topic, String payload, int willFlags, byte[] willProperties) {
            flags |= 0x04 | willFlags;
            return payload(
                    level == 5 ? properties(willProperties) : NO_PROPERTIES,
                    text(topic),
                    text(payload));
        }

        public Connect credentials(String username, String password) {
            flags |= 0xC0;
            return payload(text(username), text(password));
        }

        /** More fields of the payload, right or wrong, behind those that are there. */
        public Connect payload(byte[]... fields) {
            payload = join(payload, join(fields));
            return this;
        }

        public byte[] bytes() {
            return packet(
                    0x10,
                    protocol,
                    new byte[] {(byte) flags},
                    u16(keepAliveSeconds),
                    level == 5 ? properties(properties) : NO_PROPERTIES,
                    clientIdentifier,
                    payload);
        }
    }
}
