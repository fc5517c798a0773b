package io.muster.broker.net.tls;

import io.muster.broker.protocol.ClientChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Watches the handshake of a connection: that it is over in time, and how it ended. Stays behind
 * the TLS of its connection, whose failures it tells apart from those of the broker. Confined to
 * the connection's loop.
 */
final class HandshakeHandler extends ChannelInboundHandlerAdapter {

    private final Handshakes handshakes;
    private final ClientChannel connection;
    private final long timeoutMillis;

    /** Told the certificates of a client; null where clients show none. */
    private final @Nullable Consumer<List<X509Certificate>> clientCertificates;

    private @Nullable ScheduledFuture<?> timeout;
    private long begunNanos;
    private boolean begun;
    private boolean over;

    HandshakeHandler(
            Handshakes handshakes,
            ClientChannel connection,
            long timeoutMillis,
            @Nullable Consumer<List<X509Certificate>> clientCertificates) {
        this.handshakes = handshakes;
        this.connection = connection;
        this.timeoutMillis = timeoutMillis;
        this.clientCertificates = clientCertificates;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timeout =
                context.executor()
                        .schedule(() -> giveUp(context), timeoutMillis, TimeUnit.MILLISECONDS);
    }

    private void giveUp(ChannelHandlerContext context) {
        fail(HandshakeOutcome.TIMED_OUT, null);
        context.close();
    }

    /** The client has spoken; false if it cannot be answered now, and is closed. */
    boolean begin(ChannelHandlerContext context) {
        if (over) {
            return false;
        }
        begun = handshakes.begin();
        if (!begun) {
            fail(HandshakeOutcome.TOO_MANY, null);
            context.close();
        }
        begunNanos = System.nanoTime();
        return begun;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!over && event instanceof SslHandshakeCompletionEvent completion) {
            if (completion.isSuccess()) {
                succeed(context);
            } else {
                // Closed by who tells it, once the alert for the client is sent.
                fail(HandshakeOutcome.of(completion.cause()), completion.cause());
            }
        }
        context.fireUserEventTriggered(event);
    }

    private void succeed(ChannelHandlerContext context) {
        if (clientCertificates != null) {
            try {
                clientCertificates.accept(certificates(context));
            } catch (SSLPeerUnverifiedException e) {
                fail(HandshakeOutcome.CERTIFICATE_REFUSED, e);
                context.close();
                return;
            }
        }
        end();
        handshakes.succeeded(connection, System.nanoTime() - begunNanos);
    }

    /** Of a session that was resumed too. */
    private static List<X509Certificate> certificates(ChannelHandlerContext context)
            throws SSLPeerUnverifiedException {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        return Arrays.stream(tls.engine().getSession().getPeerCertificates())
                .map(X509Certificate.class::cast)
                .toList();
    }

    private void fail(HandshakeOutcome outcome, @Nullable Throwable cause) {
        if (!over) {
            end();
            handshakes.failed(connection, outcome, cause);
        }
    }

    private void end() {
        over = true;
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
        if (begun) {
            handshakes.end();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(HandshakeOutcome.CLOSED, null);
        context.fireChannelInactive();
    }

    /** Closed from this end, before the client had a chance. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        fail(HandshakeOutcome.CLOSED, null);
    }

    /**
     * What breaks TLS later is a failure of the connection, as a reset is; before, the provider has
     * told it by an event.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!over) {
            fail(HandshakeOutcome.of(cause), cause);
            context.close();
        } else if (cause instanceof DecoderException
                && cause.getCause() instanceof SSLException broken) {
            context.fireExceptionCaught(broken);
        } else {
            context.fireExceptionCaught(cause);
        }
    }
}
