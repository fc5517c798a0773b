package io.muster.broker.protocol.compression;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import net.jpountz.xxhash.XXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * What stands before the bytes of a block: {@code LZ4Block}, one byte for its kind, and three
 * numbers of four bytes.
 *
 * @param isStored whether the bytes are as they were, since they would not have become fewer
 * @param size how many bytes follow
 * @param plainSize how many they were
 * @param checksum of what they were, see {@link #checksum(byte[], int, int)}
 */
record Lz4Block(boolean isStored, int size, int plainSize, int checksum) {

    /** How long it is. */
    static final int BYTES = 21;

    /** The one behind the last. */
    static final Lz4Block END = new Lz4Block(true, 0, 0, 0);

    private static final byte[] MAGIC = "LZ4Block".getBytes(StandardCharsets.US_ASCII);
    private static final int SIZE_AT = 9;
    private static final int PLAIN_SIZE_AT = 13;
    private static final int CHECKSUM_AT = 17;

    /** The upper half of the kind. */
    private static final int STORED = 0x10;

    private static final int COMPRESSED = 0x20;

    /**
     * The lower half of the kind: the largest block of the stream has two to the power of it KiB.
     */
    private static final int LEVEL_BITS = 0x0f;

    private static final int LEVEL = 6;
    private static final int LEVEL_0_BITS = 10;

    private static final XXHash32 HASH = XXHashFactory.safeInstance().hash32();
    private static final int SEED = 0x9747b28c;

    /** The streams keep 28 bits of it. */
    private static final int CHECKSUM_BITS = 0x0fff_ffff;

    /** The checksum of plain bytes. */
    static int checksum(byte[] bytes, int from, int count) {
        return HASH.hash(bytes, from, count, SEED) & CHECKSUM_BITS;
    }

    /**
     * Reads the one that begins at {@code at}.
     *
     * @return empty if there is none, or if it cannot be: less follows than it says, or it says
     *     more of what it was than there may be
     */
    static Optional<Lz4Block> read(byte[] bytes, int at) {
        if (bytes.length - at < BYTES
                || !Arrays.equals(bytes, at, at + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Optional.empty();
        }
        int kind = bytes[at + MAGIC.length];
        Lz4Block block =
                new Lz4Block(
                        (kind & ~LEVEL_BITS) == STORED,
                        LittleEndian.number32(bytes, at + SIZE_AT),
                        LittleEndian.number32(bytes, at + PLAIN_SIZE_AT),
                        LittleEndian.number32(bytes, at + CHECKSUM_AT));
        boolean isKnown = block.isStored || (kind & ~LEVEL_BITS) == COMPRESSED;
        int plainSizeMax = 1 << (LEVEL_0_BITS + (kind & LEVEL_BITS));
        boolean isPossible =
                block.size >= 0
                        && block.size <= bytes.length - at - BYTES
                        && (block.plainSize > 0 || block.equals(END))
                        && block.plainSize <= plainSizeMax
                        && (block.isStored || block.size > 0)
                        && (!block.isStored || block.size == block.plainSize);
        return isKnown && isPossible ? Optional.of(block) : Optional.empty();
    }

    /** Writes it to {@code at}. */
    void write(byte[] bytes, int at) {
        System.arraycopy(MAGIC, 0, bytes, at, MAGIC.length);
        bytes[at + MAGIC.length] = (byte) ((isStored ? STORED : COMPRESSED) | LEVEL);
        LittleEndian.put32(bytes, at + SIZE_AT, size);
        LittleEndian.put32(bytes, at + PLAIN_SIZE_AT, plainSize);
        LittleEndian.put32(bytes, at + CHECKSUM_AT, checksum);
    }
}
