package io.muster.broker.protocol.compression;

import java.util.Arrays;

/**
 * Bytes that become more, up to a limit. Room is made as it is needed, so that nobody gets memory
 * by claiming that much will come. Confined to a thread.
 */
final class BoundedBytes {

    private static final int FIRST = 512;

    private final int max;
    private byte[] bytes;
    private int size;

    /**
     * None yet.
     *
     * @param expected how many there may be in the end; a guess
     * @param max how many there can be
     */
    BoundedBytes(int expected, int max) {
        this.max = max;
        this.bytes = new byte[Math.min(max, Math.max(expected, FIRST))];
    }

    int size() {
        return size;
    }

    /** How many more there can be. */
    int left() {
        return max - size;
    }

    /** The array to write to, from {@link #size} on; valid until room is made again. */
    byte[] array() {
        return bytes;
    }

    /** How many can be written at once; 0 if there can be no more. Makes room if there is none. */
    int room() {
        if (left() > 0) {
            ensureRoom(1);
        }
        return bytes.length - size;
    }

    /** Makes room for {@code count}, which are not more than are {@link #left}. */
    void ensureRoom(int count) {
        if (count > bytes.length - size) {
            long wanted = Math.max(2L * bytes.length, (long) size + count);
            bytes = Arrays.copyOf(bytes, (int) Math.min(max, wanted));
        }
    }

    /** So many have been written. */
    void written(int count) {
        size += count;
    }

    /** All of them, and no more. */
    byte[] toArray() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }
}
