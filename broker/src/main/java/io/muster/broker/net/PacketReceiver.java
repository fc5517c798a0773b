package io.muster.broker.net;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.netty.buffer.ByteBuf;

/** Takes what {@link PacketSplitter} found. Called on the channel's loop. */
interface PacketReceiver {

    /**
     * The first byte of a packet is there; the rest may be, or may come, or not. Asked again when
     * more of it came.
     *
     * @param firstByte type and flags
     * @return whether the rest is waited for; if not, nothing more is read from this client
     */
    default boolean begins(int firstByte) {
        return true;
    }

    /**
     * A packet came in.
     *
     * @param firstByte type and flags
     * @param body what follows the length, and nothing more; valid during the call only
     * @return whether it is done with; if not it is held, with what comes behind it, and handed in
     *     again by {@link PacketSplitter#goOn}
     */
    boolean receive(int firstByte, ByteBuf body);

    /** Whether a packet of this type and flags goes past those that are held. */
    default boolean overtakes(int firstByte) {
        return false;
    }

    /** What came in is no packet, or too large a one; nothing more is read from this client. */
    void violated(ProtocolViolation violation);
}
