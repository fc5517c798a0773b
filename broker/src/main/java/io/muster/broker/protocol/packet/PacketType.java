package io.muster.broker.protocol.packet;

/** The control packets of MQTT, in the order of their values on the wire [MQTT5 2.1.2]. */
public enum PacketType {
    /** The value 0, which no packet has. */
    RESERVED(0, 0),
    /** Client to server: asks to be let in. */
    CONNECT(1, 0),
    /** Server to client: the answer. */
    CONNACK(2, 0),
    /** Both ways: a message. Its flags are QoS, DUP and RETAIN. */
    PUBLISH(3, -1),
    /** Both ways: acknowledges a PUBLISH of QoS 1. */
    PUBACK(4, 0),
    /** Both ways: a PUBLISH of QoS 2 was received. */
    PUBREC(5, 0),
    /** Both ways: it may be released. */
    PUBREL(6, 2),
    /** Both ways: it is complete. */
    PUBCOMP(7, 0),
    /** Client to server. */
    SUBSCRIBE(8, 2),
    /** Server to client. */
    SUBACK(9, 0),
    /** Client to server. */
    UNSUBSCRIBE(10, 2),
    /** Server to client. */
    UNSUBACK(11, 0),
    /** Client to server. */
    PINGREQ(12, 0),
    /** Server to client. */
    PINGRESP(13, 0),
    /** Both ways in MQTT 5.0, client to server before. */
    DISCONNECT(14, 0),
    /** Both ways, MQTT 5.0 only. */
    AUTH(15, 0);

    private static final int LEVEL_3_1 = 3;
    private static final int QOS_1 = 2;
    private static final int DUPLICATE = 8;
    private static final PacketType[] VALUES = values();

    private final int value;
    private final int flags;

    PacketType(int value, int flags) {
        this.value = value;
        this.flags = flags;
    }

    /** The type that the upper four bits of a packet's first byte name. */
    public static PacketType of(int firstByte) {
        return VALUES[(firstByte >> 4) & 0x0F];
    }

    /** Bytes of a packet with so many after its length [MQTT5 2.1.4]. */
    public static int lengthOf(int remainingLength) {
        return FieldWriter.packetLength(remainingLength);
    }

    /** The value on the wire, 0 to 15. */
    public int value() {
        return value;
    }

    /** The first byte of a packet of this type, for all but PUBLISH. */
    public int firstByte() {
        return (value << 4) | flags;
    }

    /**
     * Checks the lower four bits of a first byte.
     *
     * @param protocolLevel in MQTT 3.1, which is 3, packets of QoS 1 that are no PUBLISH may be
     *     marked as sent before, too
     * @throws ProtocolViolation if they are not what the type demands [MQTT-2.1.3-1]
     */
    public void checkFlags(int firstByte, int protocolLevel) {
        int ignored = protocolLevel == LEVEL_3_1 && flags == QOS_1 ? DUPLICATE : 0;
        if (flags >= 0 && (firstByte & 0x0F & ~ignored) != flags) {
            throw new ProtocolViolation(
                    ReasonCode.MALFORMED_PACKET,
                    "flags of %s must be %d, not %d [MQTT-2.1.3-1]"
                            .formatted(this, flags, firstByte & 0x0F));
        }
    }
}
