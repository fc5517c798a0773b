package io.muster.ca.weakkey;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A set of hashes of which the first 64 bits are kept: 8 bytes each. With ten million of them, a
 * hash that is not among them is taken for one with a probability below 10<sup>-12</sup>.
 * Immutable, shared by threads.
 */
final class HashPrefixes {

    /** Without any. */
    static final HashPrefixes NONE = new HashPrefixes(new long[0]);

    private final long[] sorted;

    private HashPrefixes(long[] sorted) {
        this.sorted = sorted;
    }

    /** The first 64 bits of a hash that has more. */
    static long prefix(byte[] hash) {
        return ByteBuffer.wrap(hash).getLong();
    }

    /** Those that begin so; in any order, more than once or not. Takes the array over. */
    static HashPrefixes of(long[] prefixes) {
        Arrays.sort(prefixes);
        int kept = 0;
        for (int i = 0; i < prefixes.length; i++) {
            if (i == 0 || prefixes[i] != prefixes[i - 1]) {
                prefixes[kept++] = prefixes[i];
            }
        }
        return new HashPrefixes(kept == prefixes.length ? prefixes : Arrays.copyOf(prefixes, kept));
    }

    /** Those of both. */
    HashPrefixes and(HashPrefixes other) {
        if (sorted.length == 0 || other.sorted.length == 0) {
            return sorted.length == 0 ? other : this;
        }
        long[] both = Arrays.copyOf(sorted, sorted.length + other.sorted.length);
        System.arraycopy(other.sorted, 0, both, sorted.length, other.sorted.length);
        return of(both);
    }

    /** Whether this hash is one of them; 23 steps with ten million. */
    boolean contains(byte[] hash) {
        return sorted.length > 0 && Arrays.binarySearch(sorted, prefix(hash)) >= 0;
    }

    int size() {
        return sorted.length;
    }
}
