package io.muster.broker.protocol.compression;

/** Numbers in bytes, the lowest byte first. */
final class LittleEndian {

    private LittleEndian() {}

    /** The number of two bytes, without a sign. */
    static int number16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8);
    }

    static int number32(byte[] bytes, int at) {
        return number16(bytes, at) | (number16(bytes, at + 2) << 16);
    }

    static void put32(byte[] bytes, int at, int number) {
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[at + i] = (byte) (number >>> (Byte.SIZE * i));
        }
    }
}
