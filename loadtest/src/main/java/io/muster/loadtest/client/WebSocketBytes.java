package io.muster.loadtest.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.URI;

/**
 * Bytes out of WebSocket frames, and each write into one binary frame. To the handlers behind it,
 * the channel becomes active when the WebSocket is open. Confined to the event loop.
 */
final class WebSocketBytes extends ChannelDuplexHandler {

    private static final int ANSWER_BYTES_MAX = 16 * 1024;

    /** As the specifications of MQTT name it [MQTT-6.0.0-3]. */
    private static final String SUBPROTOCOL = "mqtt";

    static void addTo(ChannelPipeline pipeline, Target target, String path) {
        String scheme = target.tls() == null ? "ws" : "wss";
        WebSocketClientProtocolConfig config =
                WebSocketClientProtocolConfig.newBuilder()
                        .webSocketUri(
                                URI.create(
                                        "%s://%s:%d%s"
                                                .formatted(
                                                        scheme,
                                                        target.host(),
                                                        target.port(),
                                                        path)))
                        .subprotocol(SUBPROTOCOL)
                        // What sends an Origin is taken for a page in a browser.
                        .generateOriginHeader(false)
                        .maxFramePayloadLength(PacketReader.PACKET_BYTES_MAX)
                        .build();
        pipeline.addLast(
                new HttpClientCodec(),
                new HttpObjectAggregator(ANSWER_BYTES_MAX),
                new WebSocketClientProtocolHandler(config),
                new WebSocketBytes());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        // Told when the WebSocket is open.
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
            ctx.fireChannelActive();
        } else if (event == ClientHandshakeStateEvent.HANDSHAKE_TIMEOUT) {
            ctx.fireExceptionCaught(new IOException("the WebSocket was not opened in time"));
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof WebSocketFrame frame) {
            ctx.fireChannelRead(frame.content());
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ctx.write(
                message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message,
                promise);
    }
}
