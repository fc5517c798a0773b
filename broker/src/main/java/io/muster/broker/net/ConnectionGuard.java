package io.muster.broker.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections beyond the limit before anything is read from them. Shared by all listeners.
 */
@Sharable
public final class ConnectionGuard extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(ConnectionGuard.class);

    private final int connectionsMax;
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();

    /** A guard that lets in so many at once. */
    public ConnectionGuard(int connectionsMax) {
        this.connectionsMax = connectionsMax;
    }

    /** Open connections, signed in or not. */
    public int connections() {
        return connections.get();
    }

    /** Connections accepted since the start, those beyond the limit among them. */
    public long accepted() {
        return accepted.sum();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        accepted.increment();
        int open = connections.incrementAndGet();
        context.channel().closeFuture().addListener(closed -> connections.decrementAndGet());
        if (open > connectionsMax) {
            log.warn(
                    "connection refused, too many address={} limit={}",
                    context.channel().remoteAddress(),
                    connectionsMax);
            context.close();
        }
    }
}
