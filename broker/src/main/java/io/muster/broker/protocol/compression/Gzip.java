package io.muster.broker.protocol.compression;

import io.muster.broker.message.Payload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** GZIP [RFC 1952]: each payload is a file of its own. Shared, without state. */
final class Gzip implements PayloadCompression {

    static final String NAME = "gzip";
    static final Gzip INSTANCE = new Gzip();

    /** A header, an empty block and a trailer. */
    private static final int OVERHEAD = 32;

    private Gzip() {}

    /** Compresses fast rather than much: it runs on event loops. */
    private static final class FastStream extends GZIPOutputStream {

        FastStream(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    @Override
    public Payload compress(Payload plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(plain.size() / 2 + OVERHEAD);
        try (FastStream compressing = new FastStream(out)) {
            compressing.write(plain.bytes());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return Payload.of(out.toByteArray());
    }

    @Override
    public Optional<Payload> decompress(Payload compressed, int bytesMax) {
        try (GZIPInputStream plain =
                new GZIPInputStream(new ByteArrayInputStream(compressed.bytes()))) {
            byte[] bytes = plain.readNBytes(bytesMax);
            return bytes.length == bytesMax && plain.read() >= 0
                    ? Optional.empty()
                    : Optional.of(Payload.of(bytes));
        } catch (IOException malformed) {
            return Optional.empty();
        }
    }
}
