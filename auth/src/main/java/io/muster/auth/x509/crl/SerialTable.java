package io.muster.auth.x509.crl;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Serial numbers one after the other in one array, each in as many words as the longest needs, the
 * lowest word first; found by a hash and the next free place. Zero marks a free place, since no
 * serial number is zero. The hash has a secret of its own for each table, so that no issuer can
 * choose numbers that collide. Confined while it is filled, shared afterwards.
 */
final class SerialTable {

    /** Words of a serial number of 20 octets. */
    static final int STRIDE_MAX = 3;

    private static final SecureRandom SECRETS = new SecureRandom();

    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final long[] words;
    private final int places;
    private final int stride;
    private final long secret = SECRETS.nextLong();

    /** Has room for so many, and as much to spare, or a look would take too long. */
    SerialTable(int count, int stride) {
        this.stride = stride;
        places = Math.addExact(Math.multiplyExact(count, 2), 1);
        words = new long[Math.multiplyExact(places, stride)];
    }

    int stride() {
        return stride;
    }

    int words() {
        return words.length;
    }

    /** Whether it is here: a positive number, the most significant of its octets first. */
    boolean contains(byte[] bytes, int from, int to) {
        return contains(
                word(bytes, from, to, 0), word(bytes, from, to, 1), word(bytes, from, to, 2));
    }

    /** Whether it is here; a number that is longer than a place is not. */
    boolean contains(long low, long middle, long high) {
        boolean fits = (stride > 1 || middle == 0) && (stride > 2 || high == 0);
        return fits && !isFree(find(low, middle, high));
    }

    /** Writes it to its place; false if it was there already. */
    boolean add(byte[] bytes, int from, int to) {
        return add(word(bytes, from, to, 0), word(bytes, from, to, 1), word(bytes, from, to, 2));
    }

    /** A word of the number with these octets, the lowest one having the number 0. */
    private static long word(byte[] bytes, int from, int to, int number) {
        int end = to - number * Long.BYTES;
        if (end - from >= Long.BYTES) {
            return (long) WORDS.get(bytes, end - Long.BYTES);
        }
        long word = 0;
        for (int i = from; i < end; i++) {
            word = (word << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return word;
    }

    /** Where in the array it is, or would be: {@link #isFree} tells. */
    private int find(long low, long middle, long high) {
        long hash = mix(mix(mix(secret ^ low) ^ middle) ^ high);
        int place = (int) (((hash >>> 32) * places) >>> 32);
        int at = place * stride;
        while (!isFree(at) && !isAt(at, low, middle, high)) {
            at += stride;
            if (at == words.length) {
                at = 0;
            }
        }
        return at;
    }

    private boolean isFree(int at) {
        return isAt(at, 0, 0, 0);
    }

    private boolean isAt(int at, long low, long middle, long high) {
        return words[at] == low
                && (stride < 2 || words[at + 1] == middle)
                && (stride < 3 || words[at + 2] == high);
    }

    private boolean add(long low, long middle, long high) {
        int at = find(low, middle, high);
        if (!isFree(at)) {
            return false;
        }
        words[at] = low;
        if (stride > 1) {
            words[at + 1] = middle;
        }
        if (stride > 2) {
            words[at + 2] = high;
        }
        return true;
    }

    /** Writes all of another one; how many are new. */
    int addAll(SerialTable other) {
        int added = 0;
        for (int at = 0; at < other.words.length; at += other.stride) {
            boolean isNew =
                    !other.isFree(at)
                            && add(
                                    other.words[at],
                                    other.stride > 1 ? other.words[at + 1] : 0,
                                    other.stride > 2 ? other.words[at + 2] : 0);
            added += isNew ? 1 : 0;
        }
        return added;
    }

    /** The finalizer of SplitMix64: each bit of the answer depends on each bit. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
