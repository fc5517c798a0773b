package io.muster.hub.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.broker.message.Payload;

/** A packet of MQTT 3.1.1 that the hub sent. */
public record Packet(int firstByte, Payload content) {

    public static final int CONNACK = 2;
    public static final int PUBLISH = 3;
    public static final int PUBACK = 4;
    public static final int SUBACK = 9;
    public static final int UNSUBACK = 11;
    public static final int PINGRESP = 13;

    public int type() {
        return firstByte >> 4;
    }

    public int qos() {
        return (firstByte >> 1) & 3;
    }

    private int u16(int at) {
        byte[] bytes = content.bytes();
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    public String topic() {
        return new String(content.bytes(), 2, u16(0), UTF_8);
    }

    /** Of a PUBLISH with QoS 1, or of any other packet that has one. */
    public int packetId() {
        return type() == PUBLISH ? u16(2 + u16(0)) : u16(0);
    }

    public String payload() {
        int at = 2 + u16(0) + (qos() == 0 ? 0 : 2);
        return new String(content.bytes(), at, content.size() - at, UTF_8);
    }

    /** The last byte: the return code of a CONNACK or of a SUBACK with one filter. */
    public int code() {
        return content.bytes()[content.size() - 1] & 0xFF;
    }

    public boolean sessionPresent() {
        return content.bytes()[0] == 1;
    }
}
