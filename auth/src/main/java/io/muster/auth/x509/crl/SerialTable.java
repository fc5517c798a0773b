package io.muster.auth.x509.crl;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Serial numbers one after the other in one array, each in as many words as the longest needs, the
 * lowest word first; found by a hash and the next free place. Each place has a mark, a byte of the
 * hash of what is there, or zero where it is free: marks are so few bytes that they stay in the
 * processor's cache, and who is not here, as nearly all who are looked for, is told by them alone.
 * The hash has a secret of its own for each table, so that no issuer can choose numbers that
 * collide. Confined while it is filled, shared afterwards.
 */
final class SerialTable {

    /** Words of a serial number of 20 octets. */
    static final int STRIDE_MAX = 3;

    private static final SecureRandom SECRETS = new SecureRandom();

    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final byte FREE = 0;

    private final long[] words;
    private final byte[] marks;
    private final int places;
    private final int stride;
    private final long secret = SECRETS.nextLong();

    /** Has room for so many, and as much to spare, or a look would take too long. */
    SerialTable(int count, int stride) {
        this.stride = stride;
        places = Math.addExact(Math.multiplyExact(count, 2), 1);
        words = new long[Math.multiplyExact(places, stride)];
        marks = new byte[places];
    }

    int stride() {
        return stride;
    }

    /** What it takes of the heap, but for a hundred. */
    long bytes() {
        return (long) Long.BYTES * words.length + marks.length;
    }

    /** Whether it is here: a positive number, the most significant of its octets first. */
    boolean contains(byte[] bytes, int from, int to) {
        return contains(
                word(bytes, from, to, 0), word(bytes, from, to, 1), word(bytes, from, to, 2));
    }

    /** Whether it is here; a number that is longer than a place is not. */
    boolean contains(long low, long middle, long high) {
        boolean fits = (stride > 1 || middle == 0) && (stride > 2 || high == 0);
        return fits && marks[find(low, middle, high)] != FREE;
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

    /** The place where it is, or would be: that is free then. */
    private int find(long low, long middle, long high) {
        long hash = hash(low, middle, high);
        byte mark = mark(hash);
        int place = (int) (((hash >>> 32) * places) >>> 32);
        while (marks[place] != FREE
                && (marks[place] != mark || !isAt(place * stride, low, middle, high))) {
            place = place + 1 == places ? 0 : place + 1;
        }
        return place;
    }

    private long hash(long low, long middle, long high) {
        return mix(mix(mix(secret ^ low) ^ middle) ^ high);
    }

    /** Of bits that do not choose the place. */
    private static byte mark(long hash) {
        byte mark = (byte) hash;
        return mark == FREE ? 1 : mark;
    }

    private boolean isAt(int at, long low, long middle, long high) {
        return words[at] == low
                && (stride < 2 || words[at + 1] == middle)
                && (stride < 3 || words[at + 2] == high);
    }

    boolean add(long low, long middle, long high) {
        int place = find(low, middle, high);
        if (marks[place] != FREE) {
            return false;
        }
        marks[place] = mark(hash(low, middle, high));
        int at = place * stride;
        words[at] = low;
        if (stride > 1) {
            words[at + 1] = middle;
        }
        if (stride > 2) {
            words[at + 2] = high;
        }
        return true;
    }

    /** Takes a serial number. */
    @FunctionalInterface
    interface Taker {
        void take(long low, long middle, long high);
    }

    /**
     * Gives those that are not in another one, as they stand here.
     *
     * @param from the place to begin at
     * @param limit after how many it ends
     * @return the place to go on at; {@link #places} if there are no more
     */
    int forEachNotIn(SerialTable other, int from, int limit, Taker taker) {
        int left = limit;
        int place = from;
        while (place < places && left > 0) {
            if (marks[place] != FREE) {
                int at = place * stride;
                long low = words[at];
                long middle = stride > 1 ? words[at + 1] : 0;
                long high = stride > 2 ? words[at + 2] : 0;
                if (!other.contains(low, middle, high)) {
                    taker.take(low, middle, high);
                    left--;
                }
            }
            place++;
        }
        return place;
    }

    /** How many places there are, taken and free. */
    int places() {
        return places;
    }

    /** Writes all of another one; how many are new. */
    int addAll(SerialTable other) {
        int added = 0;
        for (int place = 0; place < other.places; place++) {
            added += other.marks[place] != FREE && addPlace(other, place * other.stride) ? 1 : 0;
        }
        return added;
    }

    private boolean addPlace(SerialTable other, int at) {
        return add(
                other.words[at],
                other.stride > 1 ? other.words[at + 1] : 0,
                other.stride > 2 ? other.words[at + 2] : 0);
    }

    /** The finalizer of SplitMix64: each bit of the answer depends on each bit. */
    private static long mix(long value) {
        long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
        return mixed ^ mixed >>> 31;
    }
}
