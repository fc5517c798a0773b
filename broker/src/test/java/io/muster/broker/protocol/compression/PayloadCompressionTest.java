package io.muster.broker.protocol.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Payload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is true of every compression, held against the streams that the Java SDK uses. */
class PayloadCompressionTest {

    private static final int MAX = 1 << 20;

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[][] payloads() {
        byte[] half = noise(200_000);
        Arrays.fill(half, 0, 100_000, (byte) 'x');
        byte[] report = "{\"id\":\"1\",\"params\":{}}".repeat(9).getBytes(StandardCharsets.UTF_8);
        return new byte[][] {
            new byte[0], {1}, report, new byte[1000], noise(65_536), noise(300_000), half
        };
    }

    @Test
    void knowsNoOtherThanThese() {
        assertThat(PayloadCompression.find("lzo")).isEmpty();
        assertThat(PayloadCompression.find("GZIP")).isEmpty();
        assertThat(PayloadCompression.find("")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatTheJavaSdkSends(SdkStreams sdk) throws IOException {
        for (byte[] plain : payloads()) {
            assertThat(sdk.compression().decompress(sdk.compressed(plain), MAX))
                    .hasValueSatisfying(read -> assertThat(read.bytes()).isEqualTo(plain));
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatTheJavaSdkReads(SdkStreams sdk) throws IOException {
        for (byte[] plain : payloads()) {
            Payload sent = sdk.compression().compress(Payload.of(plain));

            assertThat(sdk.read(sent)).isEqualTo(plain);
            assertThat(sent.size()).isLessThan(plain.length + plain.length / 50 + 50);
        }
        assertThat(sdk.compression().compress(Payload.of(new byte[MAX])).size())
                .isLessThan(MAX / 100);
    }

    @ParameterizedTest
    @EnumSource
    void givesUpWhatIsLargerThanAllowedAndNotWhatIsJustAsLarge(SdkStreams sdk) throws IOException {
        PayloadCompression compression = sdk.compression();
        for (int size : new int[] {1, 1000, 70_000}) {
            for (byte[] plain : new byte[][] {new byte[size], noise(size)}) {
                assertThat(compression.decompress(sdk.compressed(plain), size)).isPresent();
                assertThat(compression.decompress(sdk.compressed(plain), size - 1)).isEmpty();
            }
        }
        // Many times as large as it came.
        assertThat(compression.decompress(sdk.compressed(new byte[50 << 20]), MAX)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void givesUpWhatIsCutOffAnywhere(SdkStreams sdk) throws IOException {
        byte[] whole = sdk.compressed("some text, and more of it".repeat(20)).bytes();
        for (int length = 0; length < whole.length; length++) {
            assertThat(sdk.compression().decompress(Payload.of(Arrays.copyOf(whole, length)), MAX))
                    .as("cut off at " + length)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesUpWhatIsNotCompressedOrGoesOnBehindItsEnd(SdkStreams sdk) throws IOException {
        byte[] whole = sdk.compressed("text").bytes();
        byte[] more = Arrays.copyOf(whole, whole.length + 1);
        for (byte[] other : new byte[][] {{1, 2, 3}, new byte[100], noise(1000), more}) {
            assertThat(sdk.compression().decompress(Payload.of(other), MAX)).isEmpty();
        }
        assertThat(
                        sdk.compression()
                                .decompress(
                                        Payload.of("{\"id\":1}".getBytes(StandardCharsets.UTF_8)),
                                        MAX))
                .isEmpty();
    }

    /** Whatever a client makes up: something is read that is no larger than allowed, or nothing. */
    @ParameterizedTest
    @EnumSource
    void readsNothingWrongOfWhatIsDamaged(SdkStreams sdk) throws IOException {
        String text = "{\"a\":1,\"b\":\"some text, and more\"}".repeat(5);
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = sdk.compressed(text).bytes().clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                // Half of the changes are to what stands before the compressed bytes.
                int among = random.nextBoolean() ? Math.min(22, damaged.length) : damaged.length;
                damaged[random.nextInt(among)] = (byte) random.nextInt(256);
            }
            sdk.compression()
                    .decompress(Payload.of(damaged), plain.length)
                    .ifPresent(read -> assertThat(read.bytes()).isEqualTo(plain));
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsOnAfterWhatWasMalformed(SdkStreams sdk) throws IOException {
        byte[] whole = sdk.compressed("some text, and more of it".repeat(20)).bytes();
        for (int round = 0; round < whole.length; round++) {
            byte[] damaged = whole.clone();
            damaged[round] ^= 0x55;
            sdk.compression().decompress(Payload.of(damaged), MAX);
            sdk.compression().decompress(Payload.of(whole), 10);

            assertThat(sdk.compression().decompress(Payload.of(whole), MAX)).isPresent();
        }
    }
}
