package io.muster.broker.net.websocket;

import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.ClientChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the HTTP request of a WebSocket client, and leaves its place to the frames. The request
 * comes within the time that a client has for its CONNECT. Confined to the connection's loop.
 */
public final class HandshakeHandler extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(HandshakeHandler.class);

    private static final int REQUEST_LINE_MAX = 4 << 10;
    private static final int HEADERS_MAX = 16 << 10;

    private static final String HTTP_DECODER = "http-decoder";
    private static final String HTTP_ENCODER = "http-encoder";

    private final HandshakeRules rules;
    private final ClientChannel connection;
    private @Nullable HttpRequest request;
    private boolean refused;

    private HandshakeHandler(WebSocketSettings settings, ClientChannel connection) {
        this.rules = new HandshakeRules(settings);
        this.connection = connection;
    }

    /** Puts itself at the end of a pipeline. What is added behind it reads and writes bytes. */
    public static void addTo(
            ChannelPipeline pipeline, WebSocketSettings settings, ClientChannel connection) {
        HttpDecoderConfig limits =
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(REQUEST_LINE_MAX)
                        .setMaxHeaderSize(HEADERS_MAX);
        pipeline.addLast(HTTP_DECODER, new HttpRequestDecoder(limits))
                .addLast(HTTP_ENCODER, new HttpResponseEncoder())
                .addLast("handshake", new HandshakeHandler(settings, connection));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!refused) {
                receive(context, (HttpObject) message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void receive(ChannelHandlerContext context, HttpObject part) {
        if (part instanceof HttpRequest head) {
            request = head;
            Optional<Refusal> refusal = rules.refusal(head);
            refusal.ifPresent(reason -> refuse(context, reason));
        }
        if (part instanceof LastHttpContent && request != null && !refused) {
            accept(context, request);
        }
    }

    private void refuse(ChannelHandlerContext context, Refusal refusal) {
        refused = true;
        log.info(
                "WebSocket handshake refused address={} listener={} status={} detail={}",
                connection.remoteAddress(),
                connection.listener(),
                refusal.status().code(),
                new Quoted(refusal.sentence()));
        Linger.after(context.writeAndFlush(refusal.response()));
    }

    /**
     * The frames' handlers take the place of those of HTTP. Bytes that came behind the request go
     * to them, so the HTTP decoder is removed last.
     */
    private void accept(ChannelHandlerContext context, HttpRequest accepted) {
        context.writeAndFlush(HandshakeRules.acceptance(accepted));
        ChannelPipeline pipeline = context.pipeline();
        pipeline.remove(HTTP_ENCODER);
        pipeline.addAfter(context.name(), "frames", new FrameHandler(connection));
        pipeline.addAfter(context.name(), "frame-encoder", new WebSocket13FrameEncoder(false));
        pipeline.addAfter(context.name(), "frame-decoder", new FrameDecoder());
        pipeline.remove(this);
        pipeline.remove(HTTP_DECODER);
    }
}
