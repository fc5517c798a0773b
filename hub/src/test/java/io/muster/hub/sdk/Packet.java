package io.muster.hub.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.broker.message.Payload;

/** A packet of MQTT 3.1.1 that the hub sent. */
record Packet(int firstByte, Payload content) {

    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBACK = 9;
    static final int UNSUBACK = 11;
    static final int PINGRESP = 13;

    int type() {
        return firstByte >> 4;
    }

    int qos() {
        return (firstByte >> 1) & 3;
    }

    private int u16(int at) {
        byte[] bytes = content.bytes();
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    String topic() {
        return new String(content.bytes(), 2, u16(0), UTF_8);
    }

    /** Of a PUBLISH with QoS 1, or of any other packet that has one. */
    int packetId() {
        return type() == PUBLISH ? u16(2 + u16(0)) : u16(0);
    }

    String payload() {
        int at = 2 + u16(0) + (qos() == 0 ? 0 : 2);
        return new String(content.bytes(), at, content.size() - at, UTF_8);
    }

    /** The last byte: the return code of a CONNACK or of a SUBACK with one filter. */
    int code() {
        return content.bytes()[content.size() - 1] & 0xFF;
    }

    boolean sessionPresent() {
        return content.bytes()[0] == 1;
    }
}
