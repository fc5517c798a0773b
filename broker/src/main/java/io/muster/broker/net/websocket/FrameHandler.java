package io.muster.broker.net.websocket;

import io.muster.broker.log.Quoted;
import io.muster.broker.protocol.ClientChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between frames and bytes. The bytes of binary frames and of their continuations are one stream;
 * where a frame ends has no meaning [MQTT-6.0.0-2]. What a turn sends is one binary frame, or
 * several if it is much. Confined to the connection's loop.
 *
 * <p>Whichever side ends the connection, a Close frame goes before the end (RFC 6455, section 7).
 * Nothing is sent after it, and nothing that comes after it is read.
 */
final class FrameHandler extends ChannelDuplexHandler {

    private static final Logger log = LoggerFactory.getLogger(FrameHandler.class);

    private final ClientChannel connection;
    private boolean closeSent;
    private boolean passedOn;

    FrameHandler(ClientChannel connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        WebSocketFrame frame = (WebSocketFrame) message;
        if (frame instanceof CloseWebSocketFrame close) {
            receiveClose(context, close);
        } else if (closeSent) {
            frame.release();
        } else if (frame instanceof BinaryWebSocketFrame
                || frame instanceof ContinuationWebSocketFrame) {
            passOn(context, frame.content());
        } else if (frame instanceof PingWebSocketFrame) {
            pong(context, frame.content());
        } else if (frame instanceof PongWebSocketFrame) {
            frame.release(); // Nobody asked for it (section 5.5.3).
        } else {
            frame.release();
            refuse(context, WebSocketCloseStatus.INVALID_MESSAGE_TYPE, "not a binary frame");
        }
    }

    private void passOn(ChannelHandlerContext context, ByteBuf bytes) {
        if (bytes.isReadable()) {
            passedOn = true;
            context.fireChannelRead(bytes);
        } else {
            bytes.release();
        }
    }

    /** One who asks and does not read gets no further answers (section 5.5.3 allows that). */
    private static void pong(ChannelHandlerContext context, ByteBuf content) {
        if (context.channel().isWritable()) {
            context.writeAndFlush(new PongWebSocketFrame(content));
        } else {
            content.release();
        }
    }

    /** The status is sent back (section 5.5.1), unless this is the answer to ours. */
    private void receiveClose(ChannelHandlerContext context, CloseWebSocketFrame close) {
        if (closeSent) {
            close.release();
            context.close();
        } else {
            closeSent = true;
            Linger.after(context.writeAndFlush(close));
        }
    }

    /** What is no MQTT ends the connection [MQTT-6.0.0-1]. */
    private void refuse(ChannelHandlerContext context, WebSocketCloseStatus status, String detail) {
        log.info(
                "WebSocket frame refused address={} listener={} status={} detail={}"
                        + " [MQTT-6.0.0-1]",
                connection.remoteAddress(),
                connection.listener(),
                status.code(),
                new Quoted(detail));
        closeSent = true;
        Linger.after(context.writeAndFlush(new CloseWebSocketFrame(status, detail)));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof CorruptedWebSocketFrameException violation)) {
            context.fireExceptionCaught(cause);
        } else if (!closeSent) {
            refuse(context, violation.closeStatus(), String.valueOf(violation.getMessage()));
        }
    }

    /** A Ping is no sign of life of an MQTT client [MQTT-3.1.2-22]. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (passedOn) {
            passedOn = false;
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf bytes = (ByteBuf) message;
        if (closeSent) {
            bytes.release();
            settle(promise);
        } else if (connection.isOpen()) {
            writeBytes(context, bytes, promise);
        } else {
            // A connection writes once more when it is not open any more: its last words.
            writeBytes(context, bytes, context.newPromise());
            closeSent = true;
            context.write(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE), promise);
        }
    }

    private static void writeBytes(
            ChannelHandlerContext context, ByteBuf bytes, ChannelPromise promise) {
        if (bytes.isReadable()) {
            context.write(new BinaryWebSocketFrame(bytes), promise);
        } else {
            bytes.release();
            settle(promise);
        }
    }

    private static void settle(ChannelPromise promise) {
        if (!promise.isVoid()) {
            promise.setSuccess();
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (!closeSent && context.channel().isActive()) {
            closeSent = true;
            context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
        }
        context.close(promise);
    }
}
