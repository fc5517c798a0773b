package io.muster.broker.protocol.compression;

import io.muster.broker.message.Payload;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Optional;

/**
 * GZIP [RFC 1952]: each payload is a file of its own. Shared; each event loop has its own {@link
 * DeflateStreams}, which end with it.
 */
final class Gzip implements PayloadCompression {

    static final Gzip INSTANCE = new Gzip();

    /** Files in one payload; an empty one is 20 bytes, and costs as much as a small one. */
    private static final int FILES_MAX = 64;

    private static final FastThreadLocal<DeflateStreams> STREAMS = new OfThread();

    private Gzip() {}

    private static final class OfThread extends FastThreadLocal<DeflateStreams> {

        @Override
        protected DeflateStreams initialValue() {
            return new DeflateStreams();
        }

        @Override
        protected void onRemoval(DeflateStreams streams) {
            streams.close();
        }
    }

    /** Those of the calling thread. */
    static DeflateStreams streams() {
        return STREAMS.get();
    }

    @Override
    public Payload compress(Payload plain) {
        return Payload.of(streams().gzip(plain.bytes()));
    }

    @Override
    public Optional<Payload> decompress(Payload compressed, int bytesMax) {
        byte[] bytes = compressed.bytes();
        if (bytes.length == 0) {
            return Optional.empty();
        }
        BoundedBytes plain = new BoundedBytes(2 * bytes.length, bytesMax);
        DeflateStreams streams = streams();
        int read = 0;
        int files = 0;
        while (read < bytes.length) { // Files that follow one another are one [RFC 1952 2.2].
            int end = ++files > FILES_MAX ? -1 : streams.gunzip(bytes, read, plain);
            if (end < 0) {
                return Optional.empty();
            }
            read = end;
        }
        return Optional.of(Payload.of(plain.toArray()));
    }
}
