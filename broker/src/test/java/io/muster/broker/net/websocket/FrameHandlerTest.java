package io.muster.broker.net.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.protocol.RecordingChannel;
import io.muster.broker.session.HandLoops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameHandlerTest {

    private final EmbeddedChannel channel =
            new EmbeddedChannel(new FrameHandler(new RecordingChannel(new HandLoops(1).loop(0))));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private static ByteBuf bytes() {
        return Unpooled.buffer().writeByte(0xC0).writeByte(0);
    }

    private void setWritable(boolean isWritable) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, isWritable);
    }

    @Test
    void answersNoPingOfOneWhoDoesNotRead() {
        setWritable(false);
        ByteBuf content = bytes();
        channel.writeInbound(new PingWebSocketFrame(content));
        setWritable(true);
        assertThat(channel.<Object>readOutbound()).isNull();
        assertThat(content.refCnt()).isZero();
        channel.writeInbound(new PingWebSocketFrame(bytes()));
        PongWebSocketFrame pong = channel.readOutbound();
        assertThat(pong.content()).isEqualTo(bytes());
        pong.release();
    }

    @Test
    void passesNothingOnOnceItHasSaidClose() {
        channel.writeInbound(new TextWebSocketFrame("text"));
        CloseWebSocketFrame close = channel.readOutbound();
        assertThat(close.statusCode()).isEqualTo(1003);
        close.release();
        for (WebSocketFrame late :
                new WebSocketFrame[] {
                    new BinaryWebSocketFrame(bytes()),
                    new ContinuationWebSocketFrame(bytes()),
                    new PingWebSocketFrame(bytes()),
                    new TextWebSocketFrame("more")
                }) {
            channel.writeInbound(late);
            assertThat(late.refCnt()).isZero();
        }
        assertThat(channel.<Object>readInbound()).isNull();
        assertThat(channel.<Object>readOutbound()).isNull();
    }
}
