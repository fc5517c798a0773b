package io.muster.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * Lets all connections of an event loop read into one buffer, one after the other. So a read takes
 * as much as there is, nothing is allocated for it, and an idle connection owns no buffer.
 *
 * <p>Whoever is given the buffer by {@code channelRead} should copy what he wants to keep and
 * release it. If it is kept all the same, the loop leaves it to him, and takes a new one.
 *
 * <p>Shared.
 */
final class LoopReadBuffer extends DefaultMaxMessagesRecvByteBufAllocator {

    static final int BYTES = 64 << 10;

    private static final FastThreadLocal<ByteBuf> BUFFER = new OfThread();

    private static final class OfThread extends FastThreadLocal<ByteBuf> {
        @Override
        protected void onRemoval(ByteBuf buffer) {
            buffer.release();
        }
    }

    @Override
    public ExtendedHandle newHandle() {
        return new LoopHandle();
    }

    private final class LoopHandle extends MaxMessageHandle {

        @Override
        public int guess() {
            return BYTES;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf buffer = BUFFER.getIfExists();
            if (buffer != null && buffer.refCnt() > 1) {
                BUFFER.remove();
                buffer = null;
            }
            if (buffer == null) {
                buffer = allocator.directBuffer(BYTES, BYTES);
                BUFFER.set(buffer);
            }
            return buffer.clear().retain();
        }
    }
}
