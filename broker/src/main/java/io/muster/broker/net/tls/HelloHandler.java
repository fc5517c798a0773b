package io.muster.broker.net.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first message of a client, chooses the certificate by it, and leaves its seat to
 * TLS. Until then a connection costs no more than one without TLS. Confined to the connection's
 * loop.
 */
final class HelloHandler extends SslClientHelloHandler<ClientHello> {

    /** Several times what clients send. */
    private static final int BYTES_MAX = 16 << 10;

    private final ListenerTls tls;
    private final HandshakeHandler handshake;

    HelloHandler(ListenerTls tls, HandshakeHandler handshake) {
        super(BYTES_MAX);
        this.tls = tls;
        this.handshake = handshake;
    }

    @Override
    protected Future<ClientHello> lookup(ChannelHandlerContext context, @Nullable ByteBuf message) {
        return context.executor().newSucceededFuture(ClientHello.read(message));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext context, Future<ClientHello> hello) {
        if (!handshake.begin(context)) {
            return;
        }
        SslHandler handler = tls.newHandler(hello.getNow(), context.channel());
        boolean seated = false;
        try {
            context.pipeline().replace(this, "tls", handler);
            seated = true;
        } finally {
            if (!seated) {
                ReferenceCountUtil.safeRelease(handler.engine());
            }
        }
    }
}
