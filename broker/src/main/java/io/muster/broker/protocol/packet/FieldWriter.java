package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** How fields look on the wire [MQTT5 1.5]. */
final class FieldWriter {

    private static final int BYTES_MAX = 65_535;

    private FieldWriter() {}

    /** A longer field would make a packet that says something else. */
    private static void length(ByteBuf out, int bytes) {
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException(
                    "field of %d bytes, at most %d are possible".formatted(bytes, BYTES_MAX));
        }
        out.writeShort(bytes);
    }

    static void text(ByteBuf out, String value) {
        length(out, ByteBufUtil.utf8Bytes(value));
        ByteBufUtil.writeUtf8(out, value);
    }

    static void textProperty(ByteBuf out, int identifier, String value) {
        out.writeByte(identifier);
        text(out, value);
    }

    static void binaryProperty(ByteBuf out, int identifier, byte[] value) {
        out.writeByte(identifier);
        length(out, value.length);
        out.writeBytes(value);
    }

    static void oneByteProperty(ByteBuf out, int identifier, int value) {
        out.writeByte(identifier);
        out.writeByte(value);
    }

    static void twoBytesProperty(ByteBuf out, int identifier, int value) {
        out.writeByte(identifier);
        out.writeShort(value);
    }

    static void fourBytesProperty(ByteBuf out, int identifier, long value) {
        out.writeByte(identifier);
        out.writeInt((int) value);
    }

    static void variableByteInteger(ByteBuf out, int value) {
        int rest = value;
        while (rest > 0x7F) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    static int variableByteIntegerLength(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }

    /** Bytes of a packet with so many after its length. */
    static int packetLength(int remainingLength) {
        return 1 + variableByteIntegerLength(remainingLength) + remainingLength;
    }
}
