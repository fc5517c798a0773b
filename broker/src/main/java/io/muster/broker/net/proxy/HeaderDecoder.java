package io.muster.broker.net.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a PROXY header of version 1 or 2. What plainly begins as something else is refused at
 * once; Netty's decoder would wait for the end of a line that may never come. Confined to the
 * connection's loop.
 */
final class HeaderDecoder extends HAProxyMessageDecoder {

    private static final byte[] VERSION_1 = "PROXY ".getBytes(US_ASCII);
    private static final byte[] VERSION_2 = "\r\n\r\n\0\r\nQUIT\n".getBytes(US_ASCII);

    /** With the end of the line (section 2.1). */
    private static final int LINE_BYTES_MAX = 107;

    private boolean begun;
    private boolean inLine;
    private boolean isUnknown;
    private int lineBytes;
    private byte last;

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
        if (!begun) {
            begun = true;
            inLine = bytes.getByte(bytes.readerIndex()) == VERSION_1[0];
        }
        String fault = faultInLine(bytes);
        if (fault != null) {
            bytes.release();
            throw new HAProxyProtocolException(fault);
        }
        super.channelRead(context, bytes);
    }

    /** What Netty does not mind in a line of version 1; null if there is nothing. */
    private @Nullable String faultInLine(ByteBuf bytes) {
        for (int i = bytes.readerIndex(); inLine && i < bytes.writerIndex(); i++) {
            byte next = bytes.getByte(i);
            inLine = next != '\n';
            // Whatever stands behind UNKNOWN is to be ignored.
            isUnknown |= lineBytes == VERSION_1.length && next == 'U';
            if (++lineBytes > LINE_BYTES_MAX) {
                return "the header has more than " + LINE_BYTES_MAX + " bytes";
            }
            if (next == '\r' && last == ' ' && !isUnknown) {
                return "the header ends with a blank";
            }
            last = next;
        }
        return null;
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
