package io.muster.broker.net.websocket;

import io.muster.broker.net.tls.OutputEnd;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection so that the last words are read: the sending direction is closed, the whole
 * when the client has closed too, or soon. A reset would throw away what the client has not read
 * yet.
 */
final class Linger {

    private static final long SECONDS = 1;

    private Linger() {}

    static void after(ChannelFuture lastWrite) {
        Channel channel = lastWrite.channel();
        channel.eventLoop().schedule(() -> channel.close(), SECONDS, TimeUnit.SECONDS);
        lastWrite.addListener(
                written -> {
                    if (channel.isActive()) {
                        OutputEnd.shutDown(channel);
                    }
                });
    }
}
