package io.muster.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopReadBufferTest {

    private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true);

    private final LoopReadBuffer buffers = new LoopReadBuffer();
    private final RecvByteBufAllocator.ExtendedHandle first = buffers.newHandle();
    private final RecvByteBufAllocator.ExtendedHandle second = buffers.newHandle();

    /** As at the end of an event loop's thread. */
    @AfterEach
    void endThread() {
        FastThreadLocal.removeAll();
    }

    @Test
    void isTheSameForAllConnectionsOfALoop() {
        ByteBuf read = first.allocate(ALLOCATOR);
        read.writeByte(1).readByte();
        read.release();
        ByteBuf next = second.allocate(ALLOCATOR);
        assertThat(next).isSameAs(read);
        assertThat(next.readableBytes()).isZero();
        assertThat(next.writableBytes()).isEqualTo(LoopReadBuffer.BYTES);
        next.release();
    }

    @Test
    void isLeftToWhoeverKeepsIt() {
        ByteBuf kept = first.allocate(ALLOCATOR).writeByte(7);
        ByteBuf next = second.allocate(ALLOCATOR).writeByte(8);
        assertThat(next).isNotSameAs(kept);
        assertThat(kept.readByte()).isEqualTo((byte) 7);
        kept.release();
        assertThat(kept.refCnt()).isZero();
        next.release();
    }

    @Test
    void isFreedWithItsThread() {
        ByteBuf read = first.allocate(ALLOCATOR);
        read.release();
        FastThreadLocal.removeAll();
        assertThat(read.refCnt()).isZero();
    }
}
