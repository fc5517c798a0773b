package io.muster.auth.x509.crl;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Serial numbers one after the other in one array, each in as many words as the longest needs, the
 * lowest word first; found by a hash and the next free place. Zero marks a free place, since no
 * serial number is zero. The hash has a secret of its own for each table, so that no issuer can
 * choose numbers that collide. Confined while it is filled, shared afterwards.
 */
final class SerialTable {

    /** Words of a serial number of 20 octets. */
    static final int STRIDE_MAX = 3;

    private final long[] words;
    private final int places;
    private final int stride;
    private final long secret = ThreadLocalRandom.current().nextLong();

    /** Has room for so many, and half as much to spare, or a look would take too long. */
    SerialTable(int count, int stride) {
        this.stride = stride;
        places = Math.addExact(count, count / 2 + 1);
        words = new long[Math.multiplyExact(places, stride)];
    }

    int stride() {
        return stride;
    }

    int words() {
        return words.length;
    }

    /** Where in the array it is, or would be: {@link #isFree} tells. */
    int find(long low, long middle, long high) {
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

    boolean isFree(int at) {
        return isAt(at, 0, 0, 0);
    }

    private boolean isAt(int at, long low, long middle, long high) {
        return words[at] == low
                && (stride < 2 || words[at + 1] == middle)
                && (stride < 3 || words[at + 2] == high);
    }

    /** Writes a number to its place; false if it was there already. */
    boolean add(long low, long middle, long high) {
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
