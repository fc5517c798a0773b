package io.muster.broker.protocol.compression;

import io.muster.broker.message.Payload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4BlockInputStream;
import net.jpountz.lz4.LZ4BlockOutputStream;

/** The classes by which the Java SDK compresses and decompresses. */
enum SdkStreams {
    GZIP {
        @Override
        OutputStream compressing(OutputStream out) throws IOException {
            return new GZIPOutputStream(out, true);
        }

        @Override
        InputStream decompressing(InputStream in) throws IOException {
            return new GZIPInputStream(in);
        }
    },
    LZ4 {
        @Override
        OutputStream compressing(OutputStream out) {
            return new LZ4BlockOutputStream(out);
        }

        @Override
        InputStream decompressing(InputStream in) {
            return LZ4BlockInputStream.newBuilder().build(in);
        }
    };

    abstract OutputStream compressing(OutputStream out) throws IOException;

    abstract InputStream decompressing(InputStream in) throws IOException;

    /** Ours. */
    PayloadCompression compression() {
        return PayloadCompression.find(name().toLowerCase(Locale.ROOT)).orElseThrow();
    }

    Payload compressed(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressing = compressing(out)) {
            compressing.write(plain);
        }
        return Payload.of(out.toByteArray());
    }

    Payload compressed(String plain) throws IOException {
        return compressed(plain.getBytes(StandardCharsets.UTF_8));
    }

    byte[] read(Payload compressed) throws IOException {
        try (InputStream plain = decompressing(new ByteArrayInputStream(compressed.bytes()))) {
            return plain.readAllBytes();
        }
    }
}
