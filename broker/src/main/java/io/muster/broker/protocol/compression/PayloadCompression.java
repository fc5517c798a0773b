package io.muster.broker.protocol.compression;

import io.muster.broker.message.Payload;
import java.util.Optional;

/**
 * How a client compresses the payload of each message that it sends, and expects each that it is
 * sent. MQTT knows nothing of it: whoever signs the client in says so, by an attribute of its
 * identity. Shared.
 */
public interface PayloadCompression {

    /** The attribute of an identity that names the compression of its connection. */
    String ATTRIBUTE = "payloadCompression";

    /** The compression of that name, {@code gzip} or {@code lz4}; empty if there is none. */
    static Optional<PayloadCompression> find(String name) {
        return switch (name) {
            case "gzip" -> Optional.of(Gzip.INSTANCE);
            case "lz4" -> Optional.of(Lz4.INSTANCE);
            default -> Optional.empty();
        };
    }

    /** Compresses a payload, also an empty one. Takes some milliseconds for a megabyte. */
    Payload compress(Payload plain);

    /**
     * Gives a compressed payload back as it was. Never reads on beyond {@code bytesMax}, so that a
     * small payload cannot take much time or memory.
     *
     * @param bytesMax how large it may be as it was
     * @return empty if it is not compressed this way, is cut off, damaged, goes on behind its end,
     *     or was larger
     */
    Optional<Payload> decompress(Payload compressed, int bytesMax);
}
