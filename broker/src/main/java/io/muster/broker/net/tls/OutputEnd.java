package io.muster.broker.net.tls;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** Ends the sending direction of a connection, over TLS with the notice that it is the end. */
public final class OutputEnd {

    private OutputEnd() {}

    /** What was written is sent before; nothing can be written any more. On the channel's loop. */
    public static void shutDown(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            ((DuplexChannel) channel).shutdownOutput();
            return;
        }
        tls.closeOutbound();
        // Behind that, whatever became of it.
        channel.eventLoop().execute(() -> ((DuplexChannel) channel).shutdownOutput());
    }
}
