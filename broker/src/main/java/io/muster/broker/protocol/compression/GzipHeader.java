package io.muster.broker.protocol.compression;

import java.util.zip.CRC32;

/** What stands before the compressed part of a GZIP file [RFC 1952 2.3]. */
final class GzipHeader {

    /** The one that is written: no name, no time, an unknown file system. */
    private static final byte[] PLAINEST = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

    private static final int DEFLATE = 8;
    private static final int FLAGS_AT = 3;
    private static final int HAS_CHECKSUM = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private GzipHeader() {}

    /** Writes the plainest one to the beginning of a file; returns its length. */
    static int write(byte[] file) {
        System.arraycopy(PLAINEST, 0, file, 0, PLAINEST.length);
        return PLAINEST.length;
    }

    /**
     * Where the header that begins at {@code from} ends.
     *
     * @return -1 if there is none, or a part of it only
     */
    static int end(byte[] bytes, int from) {
        if (bytes.length - from < PLAINEST.length
                || bytes[from] != PLAINEST[0]
                || bytes[from + 1] != PLAINEST[1]
                || bytes[from + 2] != DEFLATE) {
            return -1;
        }
        int flags = bytes[from + FLAGS_AT];
        if ((flags & RESERVED) != 0) {
            return -1;
        }
        int end = from + PLAINEST.length;
        if ((flags & HAS_EXTRA) != 0) {
            end = afterExtra(bytes, end);
        }
        if ((flags & HAS_NAME) != 0) {
            end = afterText(bytes, end);
        }
        if ((flags & HAS_COMMENT) != 0) {
            end = afterText(bytes, end);
        }
        return (flags & HAS_CHECKSUM) != 0 ? afterChecksum(bytes, from, end) : end;
    }

    private static int afterExtra(byte[] bytes, int from) {
        if (bytes.length - from < Short.BYTES) {
            return -1;
        }
        int end = from + Short.BYTES + LittleEndian.number16(bytes, from);
        return end <= bytes.length ? end : -1;
    }

    /** A text ends with a zero. */
    private static int afterText(byte[] bytes, int from) {
        if (from < 0) {
            return -1;
        }
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private static int afterChecksum(byte[] bytes, int from, int end) {
        if (end < 0 || bytes.length - end < Short.BYTES) {
            return -1;
        }
        CRC32 checksum = new CRC32();
        checksum.update(bytes, from, end - from);
        return (checksum.getValue() & 0xffff) == LittleEndian.number16(bytes, end)
                ? end + Short.BYTES
                : -1;
    }
}
