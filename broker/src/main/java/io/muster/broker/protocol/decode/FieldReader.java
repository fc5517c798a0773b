package io.muster.broker.protocol.decode;

import io.muster.broker.message.UserProperty;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of packets [MQTT5 1.5]. The buffer that it is given ends where the packet ends.
 * Every method throws {@link ProtocolViolation} with {@link ReasonCode#MALFORMED_PACKET}, naming
 * the field, if the packet ends before the field does or the field is not what it should be.
 *
 * <p>Shared; immutable.
 */
public final class FieldReader {

    private static final int VARIABLE_BYTE_INTEGER_BYTES_MAX = 4;

    private final boolean refusesControls;

    /**
     * A reader.
     *
     * @param refusesControls whether text with control characters or non-characters is malformed
     *     [MQTT5 1.5.4]; U+0000 always is
     */
    public FieldReader(boolean refusesControls) {
        this.refusesControls = refusesControls;
    }

    static ProtocolViolation malformed(String sentence) {
        return new ProtocolViolation(ReasonCode.MALFORMED_PACKET, sentence);
    }

    private static void require(ByteBuf in, int bytes, String field) {
        if (in.readableBytes() < bytes) {
            throw ProtocolViolation.endsEarly("packet ends within " + field + " [MQTT5 4.13.1]");
        }
    }

    int oneByte(ByteBuf in, String field) {
        require(in, 1, field);
        return in.readUnsignedByte();
    }

    int twoBytes(ByteBuf in, String field) {
        require(in, 2, field);
        return in.readUnsignedShort();
    }

    long fourBytes(ByteBuf in, String field) {
        require(in, 4, field);
        return in.readUnsignedInt();
    }

    /** A packet identifier, which is not zero [MQTT-2.2.1-3]. */
    int packetId(ByteBuf in, ReasonCode ifZero) {
        int packetId = twoBytes(in, "packet identifier");
        if (packetId == 0) {
            throw new ProtocolViolation(ifZero, "packet identifier must not be 0 [MQTT-2.2.1-3]");
        }
        return packetId;
    }

    int variableByteInteger(ByteBuf in, String field) {
        int value = 0;
        for (int i = 0; i < VARIABLE_BYTE_INTEGER_BYTES_MAX; i++) {
            int digit = oneByte(in, field);
            value |= (digit & 0x7F) << (7 * i);
            if ((digit & 0x80) == 0) {
                if (digit == 0 && i > 0) {
                    throw malformed(field + " takes more bytes than it needs [MQTT-1.5.5-1]");
                }
                return value;
            }
        }
        throw malformed(field + " has more than four bytes [MQTT5 1.5.5]");
    }

    byte[] binary(ByteBuf in, String field) {
        return bytes(in, length(in, field));
    }

    /** The length of a field; so many bytes follow it in the packet. */
    int length(ByteBuf in, String field) {
        int length = twoBytes(in, field);
        require(in, length, field);
        return length;
    }

    /** The bytes of a field whose length has been read. */
    byte[] bytes(ByteBuf in, int length) {
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }

    String text(ByteBuf in, String field) {
        byte[] bytes = binary(in, field);
        check(bytes, field);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Checks the bytes of a text. */
    void check(byte[] bytes, String field) {
        if (Text.isPlain(bytes)) {
            return;
        }
        @Nullable String violation = Text.violation(bytes, refusesControls);
        if (violation != null) {
            throw malformed(field + ": " + violation);
        }
    }

    UserProperty pair(ByteBuf in, String field) {
        return new UserProperty(text(in, field), text(in, field));
    }

    /** Nothing must follow. */
    public void end(ByteBuf in, Object packet) {
        if (in.isReadable()) {
            throw malformed(
                    "%d bytes too many in %s [MQTT5 2.1.4]".formatted(in.readableBytes(), packet));
        }
    }
}
