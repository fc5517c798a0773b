package io.muster.broker.protocol.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Payload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class PayloadCompressionTest {

    private static final int MAX = 1 << 20;

    private final PayloadCompression gzip = PayloadCompression.find("gzip").orElseThrow();

    /** As the Java SDK compresses. */
    private static Payload compressed(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream compressing = new GZIPOutputStream(out, true)) {
            compressing.write(plain);
        }
        return Payload.of(out.toByteArray());
    }

    @Test
    void knowsNoOtherThanGzip() {
        assertThat(PayloadCompression.find("lz4")).isEmpty();
        assertThat(PayloadCompression.find("")).isEmpty();
    }

    @Test
    void readsWhatTheJavaSdkSends() throws IOException {
        byte[] plain = "{\"id\":\"1\"}".getBytes(StandardCharsets.UTF_8);

        assertThat(gzip.decompress(compressed(plain), MAX).orElseThrow().bytes()).isEqualTo(plain);
    }

    @Test
    void writesWhatTheJavaSdkReads() throws IOException {
        byte[] plain = new byte[300_000];
        new Random(1).nextBytes(plain);
        for (byte[] each : new byte[][] {plain, new byte[300_000], new byte[0], {1}}) {
            Payload sent = gzip.compress(Payload.of(each));
            try (GZIPInputStream read =
                    new GZIPInputStream(new ByteArrayInputStream(sent.bytes()))) {
                assertThat(read.readAllBytes()).isEqualTo(each);
            }
        }
    }

    @Test
    void givesUpWhatIsLargerThanAllowedAndNotWhatIsJustAsLarge() throws IOException {
        assertThat(gzip.decompress(compressed(new byte[1000]), 1000)).isPresent();
        assertThat(gzip.decompress(compressed(new byte[1001]), 1000)).isEmpty();
        // A thousand times as large as it came.
        assertThat(gzip.decompress(compressed(new byte[100 << 20]), MAX)).isEmpty();
    }

    @Test
    void givesUpWhatIsNotCompressedCutOffOrDamaged() throws IOException {
        byte[] whole =
                compressed("some text, and more of it".repeat(20).getBytes(StandardCharsets.UTF_8))
                        .bytes();
        for (int length = 0; length < whole.length; length++) {
            assertThat(gzip.decompress(Payload.of(Arrays.copyOf(whole, length)), MAX))
                    .as("cut off at " + length)
                    .isEmpty();
        }
        byte[] damaged = whole.clone();
        damaged[whole.length - 5] ^= 1; // its checksum
        assertThat(gzip.decompress(Payload.of(damaged), MAX)).isEmpty();
        assertThat(gzip.decompress(Payload.of(new byte[] {1, 2, 3}), MAX)).isEmpty();
        assertThat(gzip.decompress(Payload.of("{\"id\":1}".getBytes(StandardCharsets.UTF_8)), MAX))
                .isEmpty();
    }
}
