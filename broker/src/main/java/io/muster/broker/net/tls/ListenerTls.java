package io.muster.broker.net.tls;

import io.muster.broker.net.tls.TlsContexts.Offer;
import io.muster.broker.protocol.ClientChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;

/** TLS of one listener: its connections begin with what is in force when they come. Shared. */
public final class ListenerTls {

    /** How long a client that does not read may keep a connection that is to be closed. */
    private static final long CLOSE_MILLIS = 1_000;

    private final TlsMode mode;
    private final long handshakeMillis;
    private final Function<ServerCertificate, Optional<byte[]>> statusOf;
    private final Handshakes handshakes;

    /** Does what takes long in a handshake. */
    private final Executor executor;

    /** Replaced, never changed; connections of before keep what they began with. */
    private TlsContexts contexts;

    ListenerTls(
            TlsMode mode,
            TlsContexts contexts,
            TlsSettings settings,
            Handshakes handshakes,
            Executor executor) {
        this.mode = mode;
        this.contexts = contexts;
        this.handshakeMillis = settings.handshakeTimeout().toMillis();
        this.statusOf = settings.statusOf();
        this.handshakes = handshakes;
        this.executor = executor;
    }

    TlsMode mode() {
        return mode;
    }

    /**
     * Puts TLS at the end of a pipeline. What is added behind it reads and writes plain bytes, and
     * is told of the end of the handshake by Netty's event.
     *
     * @param clientCertificates told the client's chain, its own first, before that; never called
     *     if clients need none
     */
    public void addTo(
            ChannelPipeline pipeline,
            ClientChannel connection,
            Consumer<List<X509Certificate>> clientCertificates) {
        HandshakeHandler handshake =
                new HandshakeHandler(
                        handshakes,
                        connection,
                        handshakeMillis,
                        mode == TlsMode.MUTUAL ? clientCertificates : null);
        pipeline.addLast("hello", new HelloHandler(this, handshake))
                .addLast("handshake-end", handshake);
    }

    /** From now on connections begin with these. */
    void use(TlsContexts next) {
        TlsContexts before;
        synchronized (this) {
            before = contexts;
            contexts = next;
        }
        before.release();
    }

    SslHandler newHandler(ClientHello hello, Channel channel) {
        Offer offer = retained(hello);
        try {
            SslHandler handler = offer.context().newHandler(channel.alloc(), tasksOf(channel));
            if (hello.asksForStatus()) {
                staple(offer.certificate(), handler.engine());
            }
            handler.setHandshakeTimeoutMillis(0); // watched already, from the start
            handler.setCloseNotifyFlushTimeoutMillis(CLOSE_MILLIS);
            return handler;
        } finally {
            ReferenceCountUtil.release(offer.context());
        }
    }

    /** Java's own TLS would ask a responder itself, and wait for it; nobody lets it. */
    private void staple(ServerCertificate certificate, SSLEngine engine) {
        if (engine instanceof ReferenceCountedOpenSslEngine openSsl && OpenSsl.isOcspSupported()) {
            statusOf.apply(certificate).ifPresent(openSsl::setOcspResponse);
        }
    }

    /** Nothing is worked on any more for who has gone meanwhile. */
    private Executor tasksOf(Channel channel) {
        return task ->
                executor.execute(
                        () -> {
                            if (channel.isOpen()) {
                                task.run();
                            }
                        });
    }

    /** Others may take its place at any time. */
    private synchronized Offer retained(ClientHello hello) {
        Offer offer = contexts.chosenFor(hello);
        ReferenceCountUtil.retain(offer.context());
        return offer;
    }

    /** No more connections are begun. */
    synchronized void release() {
        contexts.release();
    }
}
