package io.muster.broker.protocol.packet;

/** The control packets of MQTT, in the order of their values on the wire [MQTT5 2.1.2]. */
public enum PacketType {
    /** The value 0, which no packet has. */
    RESERVED(0),
    /** Client to server: asks to be let in. */
    CONNECT(0),
    /** Server to client: the answer. */
    CONNACK(0),
    /** Both ways: a message. Its flags are QoS, DUP and RETAIN. */
    PUBLISH(-1),
    /** Both ways: acknowledges a PUBLISH of QoS 1. */
    PUBACK(0),
    /** Both ways: a PUBLISH of QoS 2 was received. */
    PUBREC(0),
    /** Both ways: it may be released. */
    PUBREL(2),
    /** Both ways: it is complete. */
    PUBCOMP(0),
    /** Client to server. */
    SUBSCRIBE(2),
    /** Server to client. */
    SUBACK(0),
    /** Client to server. */
    UNSUBSCRIBE(2),
    /** Server to client. */
    UNSUBACK(0),
    /** Client to server. */
    PINGREQ(0),
    /** Server to client. */
    PINGRESP(0),
    /** Both ways in MQTT 5.0, client to server before. */
    DISCONNECT(0),
    /** Both ways, MQTT 5.0 only. */
    AUTH(0);

    private static final PacketType[] VALUES = values();

    private final int flags;

    PacketType(int flags) {
        this.flags = flags;
    }

    /** The type that the upper four bits of a packet's first byte name. */
    public static PacketType of(int firstByte) {
        return VALUES[firstByte >> 4 & 0x0F];
    }

    /** Bytes of a packet with so many after its length [MQTT5 2.1.4]. */
    public static int lengthOf(int remainingLength) {
        return Wire.packetLength(remainingLength);
    }

    /** The first byte of a packet of this type, for all but PUBLISH. */
    public int firstByte() {
        return ordinal() << 4 | flags;
    }

    /**
     * Checks the lower four bits of a first byte.
     *
     * @throws ProtocolViolation if they are not what the type demands [MQTT-2.1.3-1]
     */
    public void checkFlags(int firstByte) {
        if (flags >= 0 && (firstByte & 0x0F) != flags) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "flags of %s must be %d, not %d [MQTT-2.1.3-1]"
                            .formatted(this, flags, firstByte & 0x0F));
        }
    }
}
