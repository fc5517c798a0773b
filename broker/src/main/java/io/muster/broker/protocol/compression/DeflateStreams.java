package io.muster.broker.protocol.compression;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Makes GZIP files and reads them, with one deflater and one inflater for all: each has some
 * hundred kilobytes outside of the heap, and takes longer to make than most payloads to compress.
 * Confined to a thread.
 */
final class DeflateStreams implements AutoCloseable {

    private static final int TRAILER_BYTES = 8;

    /** Compresses fast rather than much: it runs on event loops. */
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);

    private final Inflater inflater = new Inflater(true);

    byte[] gzip(byte[] plain) {
        BoundedBytes file = new BoundedBytes(plain.length / 2, Integer.MAX_VALUE - TRAILER_BYTES);
        file.written(GzipHeader.write(file.array()));
        try {
            deflater.setInput(plain);
            deflater.finish();
            while (!deflater.finished()) {
                int room = file.room();
                file.written(deflater.deflate(file.array(), file.size(), room));
            }
        } finally {
            deflater.reset(); // or it would hold the payload until the next one
        }
        byte[] bytes = Arrays.copyOf(file.array(), file.size() + TRAILER_BYTES);
        LittleEndian.put32(bytes, file.size(), checksum(plain, 0, plain.length));
        LittleEndian.put32(bytes, file.size() + Integer.BYTES, plain.length);
        return bytes;
    }

    /**
     * Reads the file that begins at {@code from}.
     *
     * @param plain what is in it is added there, if there is room
     * @return where the file ends; -1 if it is none, is cut off, damaged or too large
     */
    int gunzip(byte[] bytes, int from, BoundedBytes plain) {
        int begin = GzipHeader.end(bytes, from);
        if (begin < 0) {
            return -1;
        }
        int sizeBefore = plain.size();
        int end = inflate(bytes, begin, plain);
        int size = plain.size() - sizeBefore;
        return end >= 0
                        && bytes.length - end >= TRAILER_BYTES
                        && LittleEndian.number32(bytes, end)
                                == checksum(plain.array(), sizeBefore, size)
                        && LittleEndian.number32(bytes, end + Integer.BYTES) == size
                ? end + TRAILER_BYTES
                : -1;
    }

    /** Where the compressed part that begins at {@code from} ends; -1 if it cannot be read. */
    private int inflate(byte[] bytes, int from, BoundedBytes plain) {
        try {
            inflater.setInput(bytes, from, bytes.length - from);
            return inflate(plain) ? bytes.length - inflater.getRemaining() : -1;
        } catch (DataFormatException malformed) {
            return -1;
        } finally {
            inflater.reset(); // or it would hold the payload until the next one
        }
    }

    /** Whether the input came to its end. Not if it is cut off, or is more than there is room. */
    private boolean inflate(BoundedBytes plain) throws DataFormatException {
        byte[] beyond = new byte[1];
        while (true) {
            int room = plain.room();
            int count =
                    room > 0
                            ? inflater.inflate(plain.array(), plain.size(), room)
                            : inflater.inflate(beyond);
            if (inflater.finished()) {
                plain.written(Math.min(count, room));
                return count <= room;
            }
            if (count == 0 || room == 0) {
                return false;
            }
            plain.written(count);
        }
    }

    private static int checksum(byte[] bytes, int from, int count) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes, from, count);
        return (int) checksum.getValue();
    }

    /** Gives back the memory outside of the heap. */
    @Override
    public void close() {
        deflater.end();
        inflater.end();
    }
}
