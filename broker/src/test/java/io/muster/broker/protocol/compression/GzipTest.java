package io.muster.broker.protocol.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.broker.message.Payload;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class GzipTest {

    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int CHECKSUM = 2;
    private static final int TEXT = 1;
    private static final String LETTER = "a payload";

    private static byte[] file() throws IOException {
        return SdkStreams.GZIP.compressed(LETTER).bytes();
    }

    /** The header that {@code flags} describe, with all that they say is there. */
    private static byte[] header(int flags) {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
        if ((flags & EXTRA) != 0) {
            header.writeBytes(new byte[] {4, 0, 'A', 'p', 0, 0});
        }
        if ((flags & NAME) != 0) {
            header.writeBytes("name\0".getBytes(StandardCharsets.ISO_8859_1));
        }
        if ((flags & COMMENT) != 0) {
            header.writeBytes("comment\0".getBytes(StandardCharsets.ISO_8859_1));
        }
        if ((flags & CHECKSUM) != 0) {
            CRC32 checksum = new CRC32();
            checksum.update(header.toByteArray());
            header.write((int) checksum.getValue());
            header.write((int) checksum.getValue() >>> 8);
        }
        return header.toByteArray();
    }

    private static Payload fileWith(byte[] header) throws IOException {
        byte[] file = file();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header);
        out.write(file, 10, file.length - 10);
        return Payload.of(out.toByteArray());
    }

    private static Optional<String> read(Payload compressed) {
        return Gzip.INSTANCE
                .decompress(compressed, 1000)
                .map(plain -> new String(plain.bytes(), StandardCharsets.UTF_8));
    }

    @Test
    void readsEveryHeaderThatThereCanBe() throws IOException {
        for (int flags = 0; flags < 0x20; flags++) {
            assertThat(read(fileWith(header(flags)))).as("flags " + flags).contains(LETTER);
        }
        assertThat(read(fileWith(header(TEXT | 0x20)))).isEmpty();
    }

    @Test
    void givesUpAHeaderThatNeverEnds() {
        byte[] header = header(EXTRA | NAME | COMMENT | CHECKSUM);
        for (int length = 0; length < header.length; length++) {
            assertThat(GzipHeader.end(Arrays.copyOf(header, length), 0)).isEqualTo(-1);
        }
        byte[] wrong = header.clone();
        wrong[header.length - 1] ^= 1; // its checksum
        assertThat(GzipHeader.end(wrong, 0)).isEqualTo(-1);
    }

    @Test
    void readsFilesThatFollowOneAnotherAsOne() throws IOException {
        byte[] file = file();
        byte[] twice = Arrays.copyOf(file, 2 * file.length);
        System.arraycopy(file, 0, twice, file.length, file.length);

        assertThat(read(Payload.of(twice))).contains(LETTER + LETTER);
        assertThat(Gzip.INSTANCE.decompress(Payload.of(twice), 2 * LETTER.length() - 1)).isEmpty();
    }

    @Test
    void readsNoMoreThan64FilesThatFollowOneAnother() {
        byte[] empty = Gzip.INSTANCE.compress(Payload.of(new byte[0])).bytes();
        ByteArrayOutputStream files = new ByteArrayOutputStream();
        for (int i = 0; i < 64; i++) {
            files.writeBytes(empty);
        }
        assertThat(read(Payload.of(files.toByteArray()))).contains("");

        files.writeBytes(empty);
        assertThat(read(Payload.of(files.toByteArray()))).isEmpty();
    }

    @Test
    void aThreadHasOneDeflaterAndOneInflaterWhichEndWithIt() throws Exception {
        CompletableFuture<DeflateStreams> seen = new CompletableFuture<>();
        Payload malformed = Payload.of("not compressed".getBytes(StandardCharsets.UTF_8));
        Thread loop =
                new DefaultThreadFactory("loop")
                        .newThread(
                                () -> {
                                    DeflateStreams first = Gzip.streams();
                                    Gzip.INSTANCE.decompress(malformed, 10);
                                    Gzip.INSTANCE.compress(malformed);
                                    assertThat(Gzip.streams()).isSameAs(first);
                                    seen.complete(first);
                                });

        loop.start();
        loop.join(10_000);

        assertThat(seen).isCompleted();
        // Which of the two it is depends on the JDK.
        assertThatThrownBy(() -> seen.join().gzip(new byte[1]))
                .isInstanceOfAny(NullPointerException.class, IllegalStateException.class)
                .hasMessageContaining("Deflater has been closed");
    }
}
