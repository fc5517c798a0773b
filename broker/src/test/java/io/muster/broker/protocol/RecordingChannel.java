package io.muster.broker.protocol;

import io.muster.broker.session.SessionLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A connection without a socket that keeps what it is to send. */
public final class RecordingChannel implements ClientChannel {

    private final SessionLoop loop;
    private final ByteBuf outgoing = Unpooled.buffer();
    private boolean open = true;
    private int wentOn;
    private boolean reading = true;
    private boolean writable = true;
    private boolean broken;
    private long written;

    /** Open, reading and writable. */
    public RecordingChannel(SessionLoop loop) {
        this.loop = loop;
    }

    /** What was sent since this was last asked, in hexadecimal. */
    public String sent() {
        String sent = ByteBufUtil.hexDump(outgoing);
        written += outgoing.readableBytes();
        outgoing.clear();
        return sent;
    }

    /** From now on nothing can be appended. */
    public void breakOutgoing() {
        broken = true;
    }

    /** Whether the client takes what it is sent. */
    public void setWritable(boolean isWritable) {
        writable = isWritable;
    }

    /** Whether packets are taken from the client. */
    public boolean isReading() {
        return reading;
    }

    @Override
    public ByteBuf outgoing() {
        if (broken) {
            throw new IllegalStateException("no buffer to be had");
        }
        return outgoing;
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public CompletionStage<Void> close() {
        open = false;
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> closeGently() {
        return close();
    }

    @Override
    public CompletionStage<Void> closeSoon() {
        return close();
    }

    @Override
    public long writtenBytes() {
        return written;
    }

    @Override
    public boolean dropUnsent() {
        outgoing.clear();
        return writable;
    }

    @Override
    public CompletionStage<Void> abort() {
        return close();
    }

    @Override
    public SessionLoop loop() {
        return loop;
    }

    @Override
    public CompletionStage<Void> moveTo(SessionLoop target) {
        if (target != loop) {
            throw new UnsupportedOperationException("this connection stays on its loop");
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return List.of();
    }

    @Override
    public String listener() {
        return "default";
    }

    @Override
    public void setReading(boolean isReading) {
        reading = isReading;
    }

    @Override
    public long takenBytes() {
        return 0;
    }

    @Override
    public void behind(boolean isBehind) {}

    @Override
    public boolean canWait() {
        return open;
    }

    @Override
    public void goOn() {
        wentOn++;
    }

    /** How often it was let go on after it was held. */
    public int wentOn() {
        return wentOn;
    }
}
