package io.muster.broker.protocol.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Function;
import org.assertj.core.api.ObjectAssert;
import org.jspecify.annotations.Nullable;

/** Reads packets from bytes, each from a buffer that ends where the bytes end. */
final class Reading {

    /** Takes control characters in texts. */
    static final FieldReader FIELDS = new FieldReader(false);

    private Reading() {}

    /** Bytes in hexadecimal; blanks may stand anywhere. */
    static byte[] bytes(@Nullable String hex) {
        return hex == null ? new byte[0] : HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** What follows the length of a packet, which must be of one byte. */
    static byte[] body(byte[] packet) {
        assertThat(packet[1]).isEqualTo((byte) (packet.length - 2));
        return Arrays.copyOfRange(packet, 2, packet.length);
    }

    /** Reads something to the last byte. */
    static <T> T of(byte[] bytes, Function<ByteBuf, T> reader) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        T read = reader.apply(in);
        assertThat(in.isReadable()).as("something is left over").isFalse();
        assertThat(in.writerIndex()).isEqualTo(bytes.length);
        return read;
    }

    /** What comes of reading something to the last byte. */
    static <T> ObjectAssert<T> assertRead(byte[] bytes, Function<ByteBuf, T> reader) {
        return assertThatObject(of(bytes, reader));
    }

    /** How reading fails; it must, with a violation that names its statement. */
    static ReasonCode violation(byte[] bytes, Function<ByteBuf, ?> reader) {
        Throwable thrown = catchThrowable(() -> reader.apply(Unpooled.wrappedBuffer(bytes)));
        assertThat(thrown)
                .as("reading %s", HexFormat.of().formatHex(bytes))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("[MQTT");
        return ((ProtocolViolation) thrown).reason();
    }

    /** Each beginning of the bytes that is shorter than they are must be malformed. */
    static void expectMalformedIfCut(byte[] bytes, int shortest, Function<ByteBuf, ?> reader) {
        assertThat(of(bytes, reader)).isNotNull();
        for (int length = shortest; length < bytes.length; length++) {
            assertThat(violation(Arrays.copyOf(bytes, length), reader))
                    .as("cut to %d bytes", length)
                    .isEqualTo(ReasonCode.MALFORMED_PACKET);
        }
    }
}
