package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Appends the packets of a server to a buffer, as one version of MQTT has them; those that bring
 * messages are the matter of {@link PublishEncoder}.
 *
 * <p>Packets are appended and not built as objects, since a turn may bring thousands for one
 * connection, and all of them leave in one write.
 */
public final class PacketEncoder {

    private static final int UNLIMITED = Integer.MAX_VALUE;

    private final boolean version5;
    private final int packetBytesMax;
    private final boolean tellsReasons;

    /**
     * Encodes for one client.
     *
     * @param version5 whether it speaks MQTT 5.0, or a version before
     * @param packetBytesMax its Maximum Packet Size; a reason string that does not fit is left out
     *     [MQTT-3.1.2-24, MQTT-3.4.2-2]
     * @param tellsReasons whether it wants problem information on all packets [MQTT-3.1.2-29]
     */
    public PacketEncoder(boolean version5, int packetBytesMax, boolean tellsReasons) {
        this.version5 = version5;
        this.packetBytesMax = packetBytesMax;
        this.tellsReasons = tellsReasons;
    }

    /** Encodes for a client of which nothing but its version is known. */
    public PacketEncoder(boolean version5) {
        this(version5, UNLIMITED, true);
    }

    /** Bytes of the largest packet that the client takes. */
    public int packetBytesMax() {
        return packetBytesMax;
    }

    /** Whether the client speaks MQTT 5.0. */
    public boolean isVersion5() {
        return version5;
    }

    /** A CONNACK that accepts; {@code properties} only in MQTT 5.0. */
    public void connack(ByteBuf out, boolean sessionPresent, ConnackProperties properties) {
        byte[] header = {(byte) (sessionPresent ? 1 : 0), 0};
        if (version5) {
            append(out, PacketType.CONNACK, header, properties::write);
        } else {
            appendBare(out, PacketType.CONNACK, header);
        }
    }

    /**
     * A CONNACK that refuses.
     *
     * @param serverReference where else to go [MQTT5 4.11]
     */
    public void connack(ByteBuf out, ReasonCode reason, Optional<String> serverReference) {
        if (version5) {
            byte[] header = {0, (byte) reason.value()};
            appendWithReason(out, PacketType.CONNACK, header, reason.sentence(), serverReference);
        } else {
            appendBare(out, PacketType.CONNACK, new byte[] {0, (byte) reason.connectReturnCode()});
        }
    }

    /**
     * A PUBACK, PUBREC, PUBREL or PUBCOMP; earlier versions have no reason code.
     *
     * @param type which of them
     */
    public void acknowledge(ByteBuf out, PacketType type, int packetId, ReasonCode reason) {
        if (!version5 || reason == ReasonCode.SUCCESS) {
            out.writeByte(type.firstByte());
            out.writeByte(2);
            out.writeShort(packetId);
            return;
        }
        byte[] header = {(byte) (packetId >> 8), (byte) packetId, (byte) reason.value()};
        if (reason.isFailure() && tellsReasons) {
            appendWithReason(out, type, header, reason.sentence(), Optional.empty());
        } else {
            appendBare(out, type, header);
        }
    }

    /** A SUBACK with one code for each filter. */
    public void suback(ByteBuf out, int packetId, int[] codes) {
        acknowledgeFilters(out, PacketType.SUBACK, packetId, codes);
    }

    /** An UNSUBACK; earlier versions have no codes. */
    public void unsuback(ByteBuf out, int packetId, int[] codes) {
        acknowledgeFilters(out, PacketType.UNSUBACK, packetId, version5 ? codes : new int[0]);
    }

    private void acknowledgeFilters(ByteBuf out, PacketType type, int packetId, int[] codes) {
        ByteBuf properties = properties(out, buffer -> reasonOf(codes, buffer));
        try {
            int length = 2 + propertiesLength(properties) + codes.length;
            if (FieldWriter.packetLength(length) > packetBytesMax) {
                properties.clear();
                length = 2 + propertiesLength(properties) + codes.length;
            }
            out.writeByte(type.firstByte());
            FieldWriter.variableByteInteger(out, length);
            out.writeShort(packetId);
            writeProperties(out, properties);
            for (int code : codes) {
                out.writeByte(code);
            }
        } finally {
            properties.release();
        }
    }

    /** The first refusal tells its reason for all. */
    private void reasonOf(int[] codes, ByteBuf properties) {
        for (int code : codes) {
            ReasonCode reason = ReasonCode.failure(code);
            if (reason != null && version5 && tellsReasons) {
                FieldWriter.textProperty(
                        properties, PropertyIdentifier.REASON_STRING, reason.sentence());
                return;
            }
        }
    }

    /** A PINGRESP. */
    public void pingresp(ByteBuf out) {
        out.writeByte(PacketType.PINGRESP.firstByte());
        out.writeByte(0);
    }

    /** An AUTH that goes on with an exchange, or ends a re-authentication; MQTT 5.0 only. */
    public void auth(ByteBuf out, ReasonCode reason, AuthenticationData data) {
        append(out, PacketType.AUTH, new byte[] {(byte) reason.value()}, data::write);
    }

    /**
     * A DISCONNECT; earlier versions have none from the server.
     *
     * @param sentence the reason string
     * @param serverReference where else to go [MQTT5 4.11]
     */
    public void disconnect(
            ByteBuf out, ReasonCode reason, String sentence, Optional<String> serverReference) {
        if (version5) {
            byte[] header = {(byte) reason.value()};
            appendWithReason(out, PacketType.DISCONNECT, header, sentence, serverReference);
        }
    }

    /** With the reason string and the reference, or without them if that would be too large. */
    private void appendWithReason(
            ByteBuf out,
            PacketType type,
            byte[] header,
            String sentence,
            Optional<String> serverReference) {
        append(
                out,
                type,
                header,
                properties -> {
                    serverReference.ifPresent(
                            reference ->
                                    FieldWriter.textProperty(
                                            properties,
                                            PropertyIdentifier.SERVER_REFERENCE,
                                            reference));
                    FieldWriter.textProperty(
                            properties, PropertyIdentifier.REASON_STRING, sentence);
                });
    }

    private void append(
            ByteBuf out, PacketType type, byte[] header, Consumer<ByteBuf> propertiesWriter) {
        ByteBuf properties = properties(out, propertiesWriter);
        try {
            int length = header.length + propertiesLength(properties);
            if (FieldWriter.packetLength(length) > packetBytesMax) {
                properties.clear();
                length = header.length + propertiesLength(properties);
            }
            out.writeByte(type.firstByte());
            FieldWriter.variableByteInteger(out, length);
            out.writeBytes(header);
            writeProperties(out, properties);
        } finally {
            properties.release();
        }
    }

    private static void appendBare(ByteBuf out, PacketType type, byte[] header) {
        out.writeByte(type.firstByte());
        out.writeByte(header.length);
        out.writeBytes(header);
    }

    private ByteBuf properties(ByteBuf out, Consumer<ByteBuf> writer) {
        if (!version5) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf properties = out.alloc().heapBuffer();
        try {
            writer.accept(properties);
            return properties;
        } catch (RuntimeException | Error failure) {
            properties.release();
            throw failure;
        }
    }

    private int propertiesLength(ByteBuf properties) {
        int length = properties.readableBytes();
        return version5 ? FieldWriter.variableByteIntegerLength(length) + length : 0;
    }

    private void writeProperties(ByteBuf out, ByteBuf properties) {
        if (version5) {
            FieldWriter.variableByteInteger(out, properties.readableBytes());
            out.writeBytes(properties);
        }
    }
}
