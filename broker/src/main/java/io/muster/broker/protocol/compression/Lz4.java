package io.muster.broker.protocol.compression;

import io.muster.broker.message.Payload;
import java.util.Arrays;
import java.util.Optional;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * LZ4 in blocks, as the streams of lz4-java frame them, which the Java SDK uses: each payload is a
 * row of blocks, and an empty one at its end. Only the parts of the library are used that are
 * written in Java and look at the bounds of arrays. Shared, without state.
 */
final class Lz4 implements PayloadCompression {

    static final Lz4 INSTANCE = new Lz4();

    /** How much is in a block that is written, before it is compressed; the SDK's are as large. */
    static final int BLOCK_BYTES = 64 << 10;

    private final LZ4Compressor compressor = LZ4Factory.safeInstance().fastCompressor();
    private final LZ4SafeDecompressor decompressor = LZ4Factory.safeInstance().safeDecompressor();

    private Lz4() {}

    @Override
    public Payload compress(Payload plain) {
        byte[] bytes = plain.bytes();
        int blocks = (bytes.length + BLOCK_BYTES - 1) / BLOCK_BYTES;
        int longest = compressor.maxCompressedLength(Math.min(bytes.length, BLOCK_BYTES));
        byte[] out = new byte[blocks * (longest + Lz4Block.BYTES) + Lz4Block.BYTES];
        int end = 0;
        for (int from = 0; from < bytes.length; from += BLOCK_BYTES) {
            int count = Math.min(BLOCK_BYTES, bytes.length - from);
            end = compress(bytes, from, count, out, end);
        }
        Lz4Block.END.write(out, end);
        return Payload.of(Arrays.copyOf(out, end + Lz4Block.BYTES));
    }

    /** Writes a block to {@code at}; where it ends. */
    private int compress(byte[] bytes, int from, int count, byte[] out, int at) {
        int body = at + Lz4Block.BYTES;
        int size = compressor.compress(bytes, from, count, out, body);
        boolean isStored = size >= count;
        if (isStored) {
            System.arraycopy(bytes, from, out, body, count);
            size = count;
        }
        new Lz4Block(isStored, size, count, Lz4Block.checksum(bytes, from, count)).write(out, at);
        return body + size;
    }

    @Override
    public Optional<Payload> decompress(Payload compressed, int bytesMax) {
        byte[] bytes = compressed.bytes();
        BoundedBytes plain = new BoundedBytes(bytes.length, bytesMax);
        int read = 0;
        while (true) {
            Optional<Lz4Block> block = Lz4Block.read(bytes, read);
            if (block.isEmpty()) {
                return Optional.empty();
            }
            int body = read + Lz4Block.BYTES;
            if (block.get().equals(Lz4Block.END)) {
                return body == bytes.length
                        ? Optional.of(Payload.of(plain.toArray()))
                        : Optional.empty();
            }
            if (!decompress(block.get(), bytes, body, plain)) {
                return Optional.empty();
            }
            read = body + block.get().size();
        }
    }

    private boolean decompress(Lz4Block block, byte[] bytes, int from, BoundedBytes plain) {
        int count = block.plainSize();
        if (count > plain.left()) {
            return false;
        }
        plain.ensureRoom(count);
        if (block.isStored()) {
            System.arraycopy(bytes, from, plain.array(), plain.size(), count);
        } else if (!decompress(bytes, from, block.size(), plain, count)) {
            return false;
        }
        boolean isWhole = block.checksum() == Lz4Block.checksum(plain.array(), plain.size(), count);
        plain.written(count);
        return isWhole;
    }

    private boolean decompress(byte[] bytes, int from, int size, BoundedBytes plain, int count) {
        try {
            return decompressor.decompress(bytes, from, size, plain.array(), plain.size(), count)
                    == count;
        } catch (LZ4Exception malformed) {
            return false;
        }
    }
}
