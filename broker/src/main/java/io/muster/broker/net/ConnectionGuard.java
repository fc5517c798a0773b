package io.muster.broker.net;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections beyond the limit before anything is read from them. Shared by all listeners.
 */
public final class ConnectionGuard {

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

    /** Takes a connection in, or closes it. */
    void accept(Channel channel) {
        accepted.increment();
        int open = connections.incrementAndGet();
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        if (open > connectionsMax) {
            log.warn(
                    "connection refused, too many address={} limit={}",
                    channel.remoteAddress(),
                    connectionsMax);
            channel.close();
        }
    }
}
