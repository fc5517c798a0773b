package io.muster.broker.net;

import io.muster.broker.net.tls.OutputEnd;
import io.muster.broker.protocol.ClientChannel;
import io.muster.broker.protocol.packet.PacketType;
import io.muster.broker.session.SessionLoop;
import io.muster.broker.session.SessionLoop.TurnEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket. What a turn appends to it is gathered and leaves in one write at the turn's end, in one
 * buffer unless it is much; an idle connection owns no buffer.
 *
 * <p>Confined to the loop that the channel is on.
 */
final class Connection implements ClientChannel, TurnEnd {

    /** How long a client may take to read what is left and to close its end. */
    private static final long LINGER_MILLIS = 1_000;

    /** The same for one that is to be gone within the second. */
    private static final long SHORT_LINGER_MILLIS = 200;

    private static final int FIRST_BYTES = 256;

    /**
     * A buffer with as much takes no more: a larger one is copied often while it grows, and in the
     * end is no longer of the allocator's pool.
     */
    private static final int FULL_BYTES = 32 << 10;

    private final Channel channel;
    private final EventLoops loops;
    private final String listener;
    private final int outboundBytesMax;
    private final int heldBytesMax;
    private final PacketSplitter splitter;
    private volatile InetSocketAddress remoteAddress;
    private List<X509Certificate> peerCertificates = List.of();
    private volatile SessionLoop loop;
    private @Nullable ByteBuf outgoing;
    private long written;
    private boolean noted;
    private volatile boolean closing;

    Connection(
            Channel channel, EventLoops loops, ListenerSettings settings, PacketSplitter splitter) {
        this.channel = channel;
        this.loops = loops;
        this.listener = settings.name();
        this.outboundBytesMax = settings.outboundBytesMax();
        this.heldBytesMax = settings.heldBytesMax();
        this.splitter = splitter;
        this.remoteAddress = (InetSocketAddress) channel.remoteAddress();
        this.loop = ((TurnEventLoop) channel.eventLoop()).sessionLoop();
    }

    /** Counts a packet received. */
    void count(int firstByte, int bodyBytes) {
        loop.counters().packetReceived(firstByte >> 4);
        loop.counters().bytesReceived(PacketType.lengthOf(bodyBytes));
    }

    @Override
    public ByteBuf outgoing() {
        if (!noted) {
            noted = true;
            loop.noteDirty(this);
        }
        ByteBuf buffer = outgoing;
        if (buffer != null && buffer.readableBytes() >= FULL_BYTES) {
            outgoing = null; // first, for there may be no memory for another
            write(buffer);
            buffer = null;
        }
        if (buffer == null) {
            buffer = channel.alloc().directBuffer(FIRST_BYTES);
            outgoing = buffer;
        }
        return buffer;
    }

    @Override
    public void endTurn() {
        noted = false;
        ByteBuf buffer = outgoing;
        outgoing = null;
        if (buffer != null) {
            write(buffer);
            channel.flush();
        }
    }

    /** To be sent with the next flush, unless nothing may follow what was sent. */
    private void write(ByteBuf buffer) {
        if (closing) {
            buffer.release();
            return;
        }
        int bytes = buffer.readableBytes();
        written += bytes;
        loop.counters().bytesSent(bytes);
        channel.write(buffer, channel.voidPromise());
    }

    @Override
    public boolean isWritable() {
        ByteBuf buffer = outgoing;
        return channel.isWritable()
                && (buffer == null || buffer.readableBytes() < outboundBytesMax);
    }

    /**
     * Whether answers have piled up to twice the limit. Deliveries stop at the limit, so it is a
     * client that asks and asks and does not read the answers.
     */
    boolean isFlooded() {
        return channel.bytesBeforeWritable() > outboundBytesMax * 3L / 2;
    }

    /** What the client has not taken yet, this turn's part included. */
    long unsentBytes() {
        ByteBuf buffer = outgoing;
        long unsent = buffer == null ? 0 : buffer.readableBytes();
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null
                ? unsent
                : unsent + waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }

    @Override
    public long takenBytes() {
        ByteBuf buffer = outgoing;
        return written + (buffer == null ? 0 : buffer.readableBytes()) - unsentBytes();
    }

    @Override
    public void behind(boolean isBehind) {
        splitter.heldBytesMax(isBehind ? heldBytesMax : PacketSplitter.HELD_BYTES_MAX);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen() && !closing;
    }

    /** Whether it is closed from this end, or about to be. */
    boolean isClosing() {
        return closing;
    }

    @Override
    public CompletionStage<Void> close() {
        if (!closing && unsentBytes() == 0) {
            closing = true;
            channel.close();
        } else if (!closing) {
            writeLast(LINGER_MILLIS).addListener(ChannelFutureListener.CLOSE);
        }
        return closed();
    }

    @Override
    public CompletionStage<Void> closeGently() {
        return closeGently(LINGER_MILLIS);
    }

    @Override
    public CompletionStage<Void> closeSoon() {
        return closeGently(SHORT_LINGER_MILLIS);
    }

    private CompletionStage<Void> closeGently(long lingerMillis) {
        if (!closing) {
            writeLast(lingerMillis).addListener(written -> linger());
        }
        return closed();
    }

    @Override
    public long writtenBytes() {
        return written;
    }

    @Override
    public boolean dropUnsent() {
        ByteBuf buffer = outgoing;
        if (buffer != null) {
            outgoing = null;
            buffer.release();
        }
        return unsentBytes() == 0;
    }

    /** Past the pipeline, where TLS would wait until its last words are written. */
    @Override
    public CompletionStage<Void> abort() {
        closing = true;
        channel.unsafe().close(channel.newPromise());
        return closed();
    }

    /**
     * Sends what is waiting; nothing is sent after it. A client that does not read is not waited
     * for.
     */
    private ChannelFuture writeLast(long lingerMillis) {
        ByteBuf last = outgoing;
        outgoing = null;
        closing = true;
        if (last != null) {
            loop.counters().bytesSent(last.readableBytes());
        }
        channel.eventLoop().schedule(() -> channel.close(), lingerMillis, TimeUnit.MILLISECONDS);
        return channel.writeAndFlush(last == null ? channel.alloc().directBuffer(0) : last);
    }

    private void linger() {
        if (!channel.isActive()) {
            channel.close();
            return;
        }
        OutputEnd.shutDown(channel);
        setReading(true);
        splitter.goOn();
    }

    private CompletionStage<Void> closed() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        channel.closeFuture().addListener(done -> closed.complete(null));
        return closed;
    }

    @Override
    public SessionLoop loop() {
        return loop;
    }

    @Override
    public CompletionStage<Void> moveTo(SessionLoop target) {
        if (target == loop) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> moved = new CompletableFuture<>();
        TurnEventLoop eventLoop = loops.eventLoopOf(target);
        channel.deregister().addListener(left -> eventLoop.execute(() -> arrive(eventLoop, moved)));
        return moved;
    }

    /** On the new loop: the channel is registered there. */
    private void arrive(TurnEventLoop eventLoop, CompletableFuture<Void> moved) {
        loop = eventLoop.sessionLoop();
        ((TurnEventLoop) channel.eventLoop()).closed();
        eventLoop.opened();
        eventLoop.register(channel).addListener(registered -> settle(registered, moved));
    }

    /** A channel that is on no loop can only be closed. */
    private void settle(Future<?> registered, CompletableFuture<Void> moved) {
        if (registered.isSuccess()) {
            moved.complete(null);
        } else {
            channel.close();
            moved.completeExceptionally(registered.cause());
        }
    }

    @Override
    public void setReading(boolean reading) {
        splitter.setReading(reading);
    }

    boolean isReading() {
        return splitter.isReading();
    }

    @Override
    public boolean canWait() {
        return channel.isActive();
    }

    /** A held publisher tries again. */
    @Override
    public void goOn() {
        try {
            splitter.goOn();
        } catch (RuntimeException | Error failure) {
            channel.pipeline().fireExceptionCaught(failure);
        }
    }

    /** The client has closed: what it sent before and was held does not wait any longer. */
    void goOnAfterClose() {
        if (splitter.isHolding()) {
            loop.held().forget(this);
            goOn();
        }
    }

    /** A proxy stands between: the client is at this address, not where the socket ends. */
    void comesFrom(InetSocketAddress client) {
        remoteAddress = client;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** The client has proved that it has the key of the first of these. */
    void showsCertificates(List<X509Certificate> chain) {
        peerCertificates = List.copyOf(chain);
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    @Override
    public String listener() {
        return listener;
    }
}
