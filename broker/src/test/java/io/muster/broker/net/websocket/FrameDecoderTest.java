package io.muster.broker.net.websocket;

import static io.muster.broker.net.websocket.RawWebSocket.BINARY;
import static io.muster.broker.net.websocket.RawWebSocket.BINARY_BEGINS;
import static io.muster.broker.net.websocket.RawWebSocket.CLOSE;
import static io.muster.broker.net.websocket.RawWebSocket.CONTINUATION;
import static io.muster.broker.net.websocket.RawWebSocket.CONTINUATION_GOES_ON;
import static io.muster.broker.net.websocket.RawWebSocket.PING;
import static io.muster.broker.net.websocket.RawWebSocket.PONG;
import static io.muster.broker.net.websocket.RawWebSocket.TEXT;
import static io.muster.broker.net.websocket.RawWebSocket.frame;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.broker.Packets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameDecoderTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder());
    private final List<ByteBuf> buffers = new ArrayList<>();

    /** The payloads of all binary frames, one behind the other. */
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** The other frames: their kind, and their payloads. */
    private final List<String> others = new ArrayList<>();

    FrameDecoderTest() {
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
    }

    @AfterEach
    void noBufferIsLeft() {
        channel.finishAndReleaseAll();
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    private void read(byte[]... parts) {
        byte[] bytes = Packets.join(parts);
        ByteBuf in = channel.alloc().directBuffer(Math.max(1, bytes.length)).writeBytes(bytes);
        buffers.add(in);
        channel.writeInbound(in);
        for (WebSocketFrame frame = channel.readInbound();
                frame != null;
                frame = channel.readInbound()) {
            if (frame instanceof BinaryWebSocketFrame) {
                data.writeBytes(ByteBufUtil.getBytes(frame.content()));
            } else {
                others.add(
                        "%s %s"
                                .formatted(
                                        frame.getClass().getSimpleName(),
                                        ByteBufUtil.hexDump(frame.content())));
            }
            frame.release();
        }
    }

    private void read(String hex) {
        read(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Each try has a connection of its own, though they share the test's instance. */
    @Property(tries = 200)
    void howeverTheBytesAreCutTheSameComesOut(
            @ForAll @Size(max = 6) List<@IntRange(max = 70_000) Integer> sizes,
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 9_000) Integer> cuts,
            @ForAll boolean isByteByByte) {
        FrameDecoderTest fresh = new FrameDecoderTest();
        fresh.expectSameBytes(sizes, cuts, isByteByByte);
        fresh.noBufferIsLeft();
    }

    private void expectSameBytes(List<Integer> sizes, List<Integer> cuts, boolean isByteByByte) {
        byte[] sent = {};
        byte[] expected = {};
        List<String> pings = new ArrayList<>();
        for (int size : sizes) {
            byte[] payload = random(isByteByByte ? size % 300 : size);
            byte[] ping = {(byte) size};
            sent = Packets.join(sent, frame(BINARY, payload), frame(PING, ping));
            expected = Packets.join(expected, payload);
            pings.add("PingWebSocketFrame " + HexFormat.of().formatHex(ping));
        }
        int at = 0;
        for (int i = 0; at < sent.length; i++) {
            int cut = isByteByByte ? 1 : cuts.get(i % cuts.size());
            int end = Math.min(sent.length, at + cut);
            read(Arrays.copyOfRange(sent, at, end));
            at = end;
        }
        assertThat(data.toByteArray()).isEqualTo(expected);
        assertThat(others).isEqualTo(pings);
    }

    @Test
    void passesOnWhatHasComeOfAFrameThatIsFarFromWhole() {
        read("82 FF 7FFFFFFFFFFFFFFF 00000000 C000");
        assertThat(data.toByteArray()).containsExactly(0xC0, 0);
        read("E0");
        assertThat(data.toByteArray()).containsExactly(0xC0, 0, 0xE0);
    }

    @Test
    void readsContinuationsWithControlFramesBetweenThem() {
        read(frame(BINARY_BEGINS, new byte[] {1}), frame(PONG, new byte[] {9}));
        read(frame(CONTINUATION_GOES_ON, new byte[0]), frame(CONTINUATION, new byte[] {2}));
        read(frame(BINARY, new byte[] {3}));
        assertThat(data.toByteArray()).containsExactly(1, 2, 3);
        assertThat(others).containsExactly("PongWebSocketFrame 09");
    }

    @Test
    void tellsOfATextFrameWhenItBeginsAndNotWhatIsInIt() {
        byte[] text = frame(TEXT, "text".getBytes(UTF_8));
        read(Arrays.copyOf(text, 6));
        assertThat(others).containsExactly("TextWebSocketFrame ");
        read(Arrays.copyOfRange(text, 6, text.length), frame(BINARY, new byte[] {1}));
        assertThat(others).hasSize(1);
        assertThat(data.toByteArray()).containsExactly(1);
    }

    @Test
    void readsTheStatusAndReasonOfAClose() {
        byte[] body = Packets.join(new byte[] {0x03, (byte) 0xE9}, "tschüß".getBytes(UTF_8));
        ByteBuf in = channel.alloc().directBuffer().writeBytes(frame(CLOSE, body));
        channel.writeInbound(in);
        CloseWebSocketFrame close = channel.readInbound();
        assertThat(close.statusCode()).isEqualTo(1001);
        assertThat(close.reasonText()).isEqualTo("tschüß");
        close.release();
        read(frame(CLOSE, new byte[0]));
        assertThat(others).containsExactly("CloseWebSocketFrame ");
    }

    @ParameterizedTest
    @CsvSource({
        "8380, 1002, reserved kind",
        "8B80, 1002, reserved kind",
        "C280, 1002, reserved bit",
        "8280 00000000 A280, 1002, reserved bit",
        "8200, 1002, not masked",
        "8080, 1002, continuation of nothing",
        "0280 00000000 8280, 1002, message within a message",
        "0280 00000000 0180, 1002, message within a message",
        "8280 00000000 8080, 1002, continuation of nothing",
        "0980, 1002, in parts",
        "89FE, 1002, more than 125 bytes",
        "82FE 007D 00000000, 1002, not as short",
        "82FF 000000000000FFFF 00000000, 1002, not as short",
        "82FF 8000000000000001 00000000, 1002, negative",
        "8881 00000000 03, 1002, without a valid status",
        "8882 00000000 03ED, 1002, without a valid status",
        "8882 00000000 0000, 1002, without a valid status",
        "8883 00000000 03E8FF, 1007, no text",
    })
    void saysWhatIsNotInOrderAndReadsNothingMore(String hex, int status, String sentence) {
        CorruptedWebSocketFrameException violation =
                catchThrowableOfType(CorruptedWebSocketFrameException.class, () -> read(hex));
        assertThat(violation).hasMessageContaining(sentence);
        assertThat(violation.closeStatus().code()).isEqualTo(status);
        read(frame(BINARY, new byte[] {1}));
        assertThat(data.toByteArray()).isEmpty();
    }
}
