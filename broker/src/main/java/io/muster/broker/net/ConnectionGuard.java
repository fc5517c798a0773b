package io.muster.broker.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** A guard that lets in so many at once. */
    public ConnectionGuard(int connectionsMax) {
        this.connectionsMax = connectionsMax;
    }

    /** Open connections, signed in or not. */
    public int connections() {
        return connections.get();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
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
