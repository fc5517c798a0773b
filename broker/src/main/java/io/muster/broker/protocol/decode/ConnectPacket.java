package io.muster.broker.protocol.decode;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A CONNECT [MQTT5 3.1].
 *
 * @param protocolLevel 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0)
 * @param cleanStart whether a session that is there is to be forgotten
 * @param keepAliveSeconds as asked for; 0 is off
 * @param properties none before MQTT 5.0
 * @param clientIdentifier empty to leave it to the server
 * @param will what to publish if the client is lost; null without one
 * @param username if sent
 * @param password if sent
 */
public record ConnectPacket(
        int protocolLevel,
        boolean cleanStart,
        int keepAliveSeconds,
        Properties properties,
        String clientIdentifier,
        @Nullable WillPart will,
        Optional<String> username,
        Optional<byte[]> password) {

    private static final int LEVEL_3_1 = 3;
    private static final int LEVEL_3_1_1 = 4;
    private static final int LEVEL_5 = 5;

    private static final int RESERVED = 0x01;
    private static final int CLEAN_START = 0x02;
    private static final int WILL = 0x04;
    private static final int WILL_QOS = 0x18;
    private static final int WILL_RETAIN = 0x20;
    private static final int PASSWORD = 0x40;
    private static final int USER_NAME = 0x80;

    /** Whether it is of MQTT 5.0. */
    public boolean isVersion5() {
        return protocolLevel == LEVEL_5;
    }

    /** Largest packet that the client takes, in bytes [MQTT5 3.1.2.11.4]. */
    public int packetBytesMax() {
        return (int)
                Math.min(
                        properties.number(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE),
                        Integer.MAX_VALUE);
    }

    /** Whether reason strings may stand on all packets [MQTT-3.1.2-29]. */
    public boolean wantsProblemInformation() {
        return properties.number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
    }

    /**
     * Reads the protocol name and level, which say what the rest looks like and how to answer.
     *
     * @return 3, 4 or 5
     * @throws ProtocolViolation with {@link ReasonCode#UNSUPPORTED_PROTOCOL_VERSION} if the level
     *     is not one of these, or the name is none of MQTT
     */
    public static int readLevel(FieldReader fields, ByteBuf in) {
        String name = fields.text(in, "protocol name");
        int level = fields.oneByte(in, "protocol level");
        if (name.equals("MQTT")) {
            requireLevel(level == LEVEL_3_1_1 || level == LEVEL_5, name, level);
        } else if (name.equals("MQIsdp")) {
            requireLevel(level == LEVEL_3_1, name, level);
        } else {
            // Before 5.0 there is no answer to it [MQTT3 MQTT-3.1.2-1].
            throw new ProtocolViolation(
                    isLaidOutAsVersion5(fields, in)
                            ? ReasonCode.UNSUPPORTED_PROTOCOL_VERSION
                            : ReasonCode.MALFORMED_PACKET,
                    "protocol name is neither MQTT nor MQIsdp [MQTT-3.1.2-1]");
        }
        return level;
    }

    private static void requireLevel(boolean isKnown, String name, int level) {
        if (!isKnown) {
            throw new ProtocolViolation(
                    ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                    "%s has no protocol level %d here [MQTT-3.1.2-2]".formatted(name, level));
        }
    }

    /**
     * Whether what follows a protocol level that is not spoken here is laid out as in MQTT 5.0, so
     * that its sender understands an answer of that version. Reads nothing away.
     */
    public static boolean isLaidOutAsVersion5(FieldReader fields, ByteBuf in) {
        try {
            read(fields, LEVEL_5, in.slice());
            return true;
        } catch (ProtocolViolation violation) {
            return false;
        }
    }

    /** Reads what follows the protocol level. */
    public static ConnectPacket read(FieldReader fields, int protocolLevel, ByteBuf in) {
        boolean isVersion5 = protocolLevel == LEVEL_5;
        int flags = fields.oneByte(in, "connect flags");
        checkFlags(flags, isVersion5);
        int keepAliveSeconds = fields.twoBytes(in, "keep alive");
        Properties properties =
                isVersion5 ? Properties.read(fields, in, Property.Place.CONNECT) : Properties.NONE;
        String clientIdentifier = fields.text(in, "client identifier");
        WillPart will =
                (flags & WILL) == 0
                        ? null
                        : WillPart.read(
                                fields, in, isVersion5, (flags >> 3) & 3, has(flags, WILL_RETAIN));
        Optional<String> username =
                has(flags, USER_NAME)
                        ? Optional.of(fields.text(in, "user name"))
                        : Optional.empty();
        Optional<byte[]> password =
                has(flags, PASSWORD)
                        ? Optional.of(fields.binary(in, "password"))
                        : Optional.empty();
        fields.end(in, "CONNECT");
        return new ConnectPacket(
                protocolLevel,
                has(flags, CLEAN_START),
                keepAliveSeconds,
                properties,
                clientIdentifier,
                will,
                username,
                password);
    }

    private static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }

    private static void checkFlags(int flags, boolean isVersion5) {
        require(!has(flags, RESERVED), "reserved connect flag is set [MQTT-3.1.2-3]");
        require((flags & WILL_QOS) != WILL_QOS, "will QoS must not be 3 [MQTT-3.1.2-12]");
        require(
                has(flags, WILL) || (flags & (WILL_QOS | WILL_RETAIN)) == 0,
                "will QoS or will retain without a will [MQTT-3.1.2-11, MQTT-3.1.2-13]");
        require(
                isVersion5 || has(flags, USER_NAME) || !has(flags, PASSWORD),
                "password without user name [MQTT3 MQTT-3.1.2-22]");
    }

    private static void require(boolean holds, String sentence) {
        if (!holds) {
            throw FieldReader.malformed(sentence);
        }
    }
}
