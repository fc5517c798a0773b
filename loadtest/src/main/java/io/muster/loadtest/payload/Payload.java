package io.muster.loadtest.payload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Makes the payloads of one publisher, one after the other in one buffer. Confined to it. */
public interface Payload {

    /** The payload of the message with a stamp; valid until the next call. */
    ByteBuf of(Stamp stamp);

    /**
     * Payloads of one size: the stamp, and zeros.
     *
     * @param bytes at least {@link Stamp#BYTES}
     */
    static Payload ofSize(int bytes) {
        ByteBuf buffer = Unpooled.buffer(bytes, bytes).writeZero(bytes);
        return stamp -> {
            stamp.writeTo(buffer.setIndex(0, 0));
            return buffer.writerIndex(bytes);
        };
    }
}
