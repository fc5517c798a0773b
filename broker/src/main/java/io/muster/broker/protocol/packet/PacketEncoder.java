package io.muster.broker.protocol.packet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
    private static final int PACKET_ID_BYTES = 2;

    /** Fixed header, flags, reason code and no properties. */
    private static final int SHORTEST_CONNACK = 5;

    private final boolean version5;
    private final int packetBytesMax;
    private final boolean tellsReasons;

    /**
     * Encodes for one client.
     *
     * @param version5 whether it speaks MQTT 5.0, or a version before
     * @param packetBytesMax its Maximum Packet Size; a reason string that does not fit is left out,
     *     and a packet that does not fit without it is not sent [MQTT-3.1.2-24, MQTT-3.4.2-2]
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

    /** For a client whose limits are not known yet: it gets the shortest packets only. */
    public static PacketEncoder beforeLimits(boolean version5) {
        return new PacketEncoder(version5, SHORTEST_CONNACK, false);
    }

    /** Bytes of the largest packet that the client takes. */
    public int packetBytesMax() {
        return packetBytesMax;
    }

    /** Whether the client speaks MQTT 5.0. */
    public boolean isVersion5() {
        return version5;
    }

    /** Whether a CONNACK with these properties is not larger than the client takes. */
    public boolean fits(ConnackProperties properties) {
        return fits(2, properties::write);
    }

    /** Whether an AUTH with this data can be sent, and is not larger than the client takes. */
    public boolean fits(EnhancedAuthentication authentication) {
        return authentication.isWritable() && fits(1, authentication::write);
    }

    /** Whether a SUBACK or UNSUBACK with so many codes is not larger than the client takes. */
    public boolean fitsCodes(int count) {
        int remaining = PACKET_ID_BYTES + (version5 ? 1 : 0) + count;
        return FieldWriter.packetLength(remaining) <= packetBytesMax;
    }

    private boolean fits(int headerBytes, Consumer<ByteBuf> propertiesWriter) {
        if (packetBytesMax == UNLIMITED) {
            return true;
        }
        ByteBuf properties = properties(ByteBufAllocator.DEFAULT, propertiesWriter);
        try {
            return fits(headerBytes, properties);
        } finally {
            properties.release();
        }
    }

    private boolean fits(int bytesAround, ByteBuf properties) {
        int remaining = bytesAround + propertiesLength(properties);
        return FieldWriter.packetLength(remaining) <= packetBytesMax;
    }

    /** A CONNACK that accepts; {@code properties} only in MQTT 5.0, and they fit. */
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
     * @return false if the client does not even take the smallest one; nothing is appended then
     */
    public boolean connack(ByteBuf out, ReasonCode reason, Optional<String> serverReference) {
        if (version5) {
            byte[] header = {0, (byte) reason.value()};
            return appendWithReason(
                    out, PacketType.CONNACK, header, reason.sentence(), serverReference);
        }
        appendBare(out, PacketType.CONNACK, new byte[] {0, (byte) reason.connectReturnCode()});
        return true;
    }

    /**
     * A PUBACK, PUBREC, PUBREL or PUBCOMP; earlier versions have no reason code.
     *
     * @param type which of them
     */
    public void acknowledge(ByteBuf out, PacketType type, int packetId, ReasonCode reason) {
        acknowledge(out, type, packetId, reason, tellsReasons);
    }

    /** The same without a reason string. */
    public void acknowledgeBriefly(ByteBuf out, PacketType type, int packetId, ReasonCode reason) {
        acknowledge(out, type, packetId, reason, false);
    }

    private void acknowledge(
            ByteBuf out, PacketType type, int packetId, ReasonCode reason, boolean tellsReason) {
        if (!version5 || reason == ReasonCode.SUCCESS) {
            out.writeByte(type.firstByte());
            out.writeByte(2);
            out.writeShort(packetId);
            return;
        }
        byte[] header = {(byte) (packetId >> 8), (byte) packetId, (byte) reason.value()};
        if (reason.isFailure() && tellsReason) {
            appendWithReason(out, type, header, reason.sentence(), Optional.empty());
        } else {
            appendBare(out, type, header);
        }
    }

    /** A SUBACK with one code for each filter; it fits. */
    public void suback(ByteBuf out, int packetId, int[] codes) {
        acknowledgeFilters(out, PacketType.SUBACK, packetId, codes);
    }

    /** An UNSUBACK, and it fits; earlier versions have no codes. */
    public void unsuback(ByteBuf out, int packetId, int[] codes) {
        acknowledgeFilters(out, PacketType.UNSUBACK, packetId, version5 ? codes : new int[0]);
    }

    private void acknowledgeFilters(ByteBuf out, PacketType type, int packetId, int[] codes) {
        ByteBuf properties = properties(out.alloc(), buffer -> reasonOf(codes, buffer));
        try {
            if (!fits(PACKET_ID_BYTES + codes.length, properties)) {
                properties.clear();
            }
            out.writeByte(type.firstByte());
            FieldWriter.variableByteInteger(
                    out, PACKET_ID_BYTES + propertiesLength(properties) + codes.length);
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

    /** An AUTH that goes on with an exchange, or ends a re-authentication; it fits. */
    public void auth(ByteBuf out, ReasonCode reason, EnhancedAuthentication authentication) {
        append(out, PacketType.AUTH, new byte[] {(byte) reason.value()}, authentication::write);
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

    /**
     * With the reason string and the reference, or without the one or both if that is too large.
     */
    private boolean appendWithReason(
            ByteBuf out,
            PacketType type,
            byte[] header,
            String sentence,
            Optional<String> serverReference) {
        Consumer<ByteBuf> reference =
                properties ->
                        serverReference.ifPresent(
                                server ->
                                        FieldWriter.textProperty(
                                                properties,
                                                PropertyIdentifier.SERVER_REFERENCE,
                                                server));
        Consumer<ByteBuf> reason =
                properties ->
                        FieldWriter.textProperty(
                                properties, PropertyIdentifier.REASON_STRING, sentence);
        return append(out, type, header, reference.andThen(reason))
                || append(out, type, header, reference)
                || append(out, type, header, properties -> {});
    }

    /** Appends the packet unless the client does not take it; whether it did. */
    private boolean append(
            ByteBuf out, PacketType type, byte[] header, Consumer<ByteBuf> propertiesWriter) {
        ByteBuf properties = properties(out.alloc(), propertiesWriter);
        try {
            if (!fits(header.length, properties)) {
                return false;
            }
            out.writeByte(type.firstByte());
            FieldWriter.variableByteInteger(out, header.length + propertiesLength(properties));
            out.writeBytes(header);
            writeProperties(out, properties);
            return true;
        } finally {
            properties.release();
        }
    }

    private static void appendBare(ByteBuf out, PacketType type, byte[] header) {
        out.writeByte(type.firstByte());
        out.writeByte(header.length);
        out.writeBytes(header);
    }

    private ByteBuf properties(ByteBufAllocator allocator, Consumer<ByteBuf> writer) {
        if (!version5) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf properties = allocator.heapBuffer();
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
