package io.muster.loadtest.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StampTest {

    private static final Stamp STAMP = new Stamp(-7, 3, 1L << 40, System.nanoTime());

    private static String digits(Stamp stamp) {
        ByteBuf buffer = Unpooled.buffer();
        stamp.writeDigitsTo(buffer);
        return buffer.toString(StandardCharsets.US_ASCII);
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Test
    void readsWhatWasWrittenAsBytes() {
        ByteBuf payload = Payload.ofSize(40).of(STAMP);
        assertThat(payload.readableBytes()).isEqualTo(40);
        assertThat(Stamp.read(payload)).isEqualTo(STAMP);
        assertThat(payload.readerIndex()).isZero();
    }

    @Test
    void findsDigitsWhereverTheyStand() {
        String digits = digits(STAMP);
        assertThat(Stamp.read(text(digits))).isEqualTo(STAMP);
        assertThat(Stamp.read(text("44d4c 4d4c5431zz" + digits + "}"))).isEqualTo(STAMP);
        assertThat(Stamp.read(text("4".repeat(100) + digits))).isEqualTo(STAMP);
    }

    @Test
    void findsNothingWhereNothingIs() {
        String digits = digits(STAMP);
        assertThat(Stamp.read(Unpooled.wrappedBuffer(new byte[Stamp.BYTES - 1]))).isNull();
        assertThat(Stamp.read(Unpooled.wrappedBuffer(new byte[100]))).isNull();
        assertThat(Stamp.read(text("4".repeat(40)))).isNull();
        assertThat(Stamp.read(text(digits.substring(0, digits.length() - 1)))).isNull();
        assertThat(Stamp.read(text(digits.substring(0, 50) + "x" + digits.substring(51)))).isNull();
    }
}
