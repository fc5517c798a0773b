package io.muster.broker.net.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.CharsetUtil;
import java.util.List;

/**
 * Reads the frames of a client (RFC 6455, section 5). What comes of a binary frame is passed on at
 * once, as a frame of its own: where a frame ends has no meaning to MQTT, so a frame may be of any
 * size, and none is kept until it has all come. A text frame is passed on when it begins, and
 * empty. Control frames are passed on whole; they are small.
 *
 * <p>What is not in order is a {@link CorruptedWebSocketFrameException}, and the last that is read.
 * Confined to the connection's loop.
 */
final class FrameDecoder extends ByteToMessageDecoder {

    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int MASKED = 0x80;

    private static final int CONTINUATION = 0x0;
    private static final int TEXT = 0x1;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;

    private static final int HEADER_BYTES = 2;
    private static final int MASK_BYTES = 4;
    private static final int CONTROL_BYTES_MAX = 125;
    private static final int LENGTH_IN_16_BITS = 126;
    private static final int LENGTH_IN_64_BITS = 127;

    private boolean broken;

    /** Whether a message goes on with the next data frame. */
    private boolean continued;

    // The frame that is being read.
    private boolean inFrame;
    private int opcode;
    private long left;

    /** The next byte is masked by the first byte of this one. */
    private int mask;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!inFrame && !readHeader(in, out)) {
            return;
        }
        if (opcode >= CLOSE) {
            readControl(in, out);
        } else {
            readData(in, out);
        }
    }

    /** Reads what stands before the payload; false if that has not all come. */
    private boolean readHeader(ByteBuf in, List<Object> out) {
        if (in.readableBytes() < HEADER_BYTES) {
            return false;
        }
        int first = in.getUnsignedByte(in.readerIndex());
        int second = in.getUnsignedByte(in.readerIndex() + 1);
        int shortLength = second & ~MASKED;
        check(first, second);
        int lengthBytes =
                switch (shortLength) {
                    case LENGTH_IN_16_BITS -> Short.BYTES;
                    case LENGTH_IN_64_BITS -> Long.BYTES;
                    default -> 0;
                };
        if (in.readableBytes() < HEADER_BYTES + lengthBytes + MASK_BYTES) {
            return false;
        }
        in.skipBytes(HEADER_BYTES);
        left =
                switch (lengthBytes) {
                    case Short.BYTES -> shortest(in.readUnsignedShort(), LENGTH_IN_16_BITS);
                    case Long.BYTES -> shortest(in.readLong(), 0x1_0000);
                    default -> shortLength;
                };
        mask = in.readInt();
        inFrame = true;
        opcode = first & OPCODE;
        if (opcode < CLOSE) {
            continued = (first & FINAL) == 0;
        }
        if (opcode == TEXT) {
            out.add(new TextWebSocketFrame());
        }
        return true;
    }

    private void check(int first, int second) {
        int kind = first & OPCODE;
        boolean isControl = kind >= CLOSE;
        if (kind > PONG || (kind > BINARY && !isControl)) {
            throw broken("a frame of a reserved kind");
        } else if ((first & RESERVED) != 0) {
            throw broken("a reserved bit is set, and no extension was agreed on");
        } else if ((second & MASKED) == 0) {
            throw broken("a frame of a client that is not masked");
        } else if (isControl && (first & FINAL) == 0) {
            throw broken("a control frame in parts");
        } else if (isControl && (second & ~MASKED) > CONTROL_BYTES_MAX) {
            throw broken("a control frame of more than 125 bytes");
        } else if (!isControl && (kind == CONTINUATION) != continued) {
            throw broken(continued ? "a message within a message" : "a continuation of nothing");
        }
    }

    private long shortest(long length, long least) {
        if (length < least) {
            throw broken("a length that is negative, or not as short as it can be");
        }
        return length;
    }

    private void readData(ByteBuf in, List<Object> out) {
        int part = (int) Math.min(left, in.readableBytes());
        if (opcode == TEXT) {
            in.skipBytes(part);
        } else if (part > 0) {
            out.add(new BinaryWebSocketFrame(unmasked(in, part)));
        }
        left -= part;
        inFrame = left > 0;
    }

    private void readControl(ByteBuf in, List<Object> out) {
        if (in.readableBytes() < left) {
            return;
        }
        inFrame = false;
        ByteBuf payload = unmasked(in, (int) left);
        switch (opcode) {
            case PING -> out.add(new PingWebSocketFrame(payload));
            case PONG -> out.add(new PongWebSocketFrame(payload));
            default -> out.add(close(payload));
        }
    }

    /** A Close frame has a status and a reason, or nothing (section 5.5.1). */
    private CloseWebSocketFrame close(ByteBuf payload) {
        int bytes = payload.readableBytes();
        boolean hasStatus =
                bytes >= Short.BYTES
                        && WebSocketCloseStatus.isValidStatusCode(payload.getUnsignedShort(0));
        boolean hasText =
                bytes <= Short.BYTES
                        || ByteBufUtil.isText(
                                payload, Short.BYTES, bytes - Short.BYTES, CharsetUtil.UTF_8);
        if (bytes > 0 && !(hasStatus && hasText)) {
            payload.release();
            throw hasText
                    ? broken("a Close frame without a valid status")
                    : broken(
                            WebSocketCloseStatus.INVALID_PAYLOAD_DATA,
                            "a Close frame whose reason is no text");
        }
        return new CloseWebSocketFrame(true, 0, payload);
    }

    /** The next bytes, without a copy: nobody else reads them. */
    private ByteBuf unmasked(ByteBuf in, int length) {
        ByteBuf bytes = in.readRetainedSlice(length);
        long wide = (mask & 0xFFFF_FFFFL) << Integer.SIZE | (mask & 0xFFFF_FFFFL);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            bytes.setLong(at, bytes.getLong(at) ^ wide);
        }
        for (; at < length; at++) {
            bytes.setByte(at, bytes.getByte(at) ^ (mask >>> 24));
            mask = Integer.rotateLeft(mask, Byte.SIZE);
        }
        return bytes;
    }

    private CorruptedWebSocketFrameException broken(String sentence) {
        return broken(WebSocketCloseStatus.PROTOCOL_ERROR, sentence);
    }

    private CorruptedWebSocketFrameException broken(WebSocketCloseStatus status, String sentence) {
        broken = true;
        return new CorruptedWebSocketFrameException(status, sentence);
    }
}
