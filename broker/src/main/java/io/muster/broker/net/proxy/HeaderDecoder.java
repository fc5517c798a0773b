package io.muster.broker.net.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;

/**
 * Decodes a PROXY header of version 1 or 2. What plainly begins as something else is refused at
 * once; Netty's decoder would wait for the end of a line that may never come. Confined to the
 * connection's loop.
 */
final class HeaderDecoder extends HAProxyMessageDecoder {

    private static final byte[] VERSION_1 = "PROXY ".getBytes(US_ASCII);
    private static final byte[] VERSION_2 = "\r\n\r\n\0\r\nQUIT\n".getBytes(US_ASCII);

    private boolean begun;

    HeaderDecoder(int extensionBytesMax) {
        super(extensionBytesMax);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        ByteBuf bytes = (ByteBuf) message;
        if (!begun && !beginsLike(VERSION_1, bytes) && !beginsLike(VERSION_2, bytes)) {
            bytes.release();
            throw new HAProxyProtocolException("the connection begins with no PROXY header");
        }
        begun = true;
        super.channelRead(context, bytes);
    }

    private static boolean beginsLike(byte[] beginning, ByteBuf bytes) {
        int length = Math.min(beginning.length, bytes.readableBytes());
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != beginning[i]) {
                return false;
            }
        }
        return true;
    }
}
