package io.muster.auth.guard;

import java.security.SecureRandom;

/**
 * Remembers from which addresses which names have signed in, so that a bar of an address does not
 * shut out those who are at home there. Shared by all threads, without locks; lost and torn writes
 * do no harm.
 *
 * <p>A table of a fixed size, 2 MiB: each claim has one place for a mark of 16 bits, which the next
 * one with the same place overwrites. Only who has proven to be somebody is written down, so nobody
 * can flush it by guessing. Once in 65,536 cases it takes a stranger for known, who is then asked
 * for his password like everybody; which case that is cannot be computed without the seed.
 */
final class KnownPlaces {

    private static final int PLACE_BITS = 20;

    /** Odd, with bits of no pattern (the fraction of the golden ratio). */
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final short[] marks = new short[1 << PLACE_BITS];
    private final long seed = new SecureRandom().nextLong();

    void add(Claim claim) {
        long hash = hash(claim);
        int place = place(hash);
        short mark = mark(hash);
        if (marks[place] != mark) {
            marks[place] = mark; // Left alone if it is there, for the caches of other processors.
        }
    }

    boolean contains(Claim claim) {
        long hash = hash(claim);
        return marks[place(hash)] == mark(hash);
    }

    private static int place(long hash) {
        return (int) (hash >>> (Long.SIZE - PLACE_BITS));
    }

    /** Never 0, which marks a free place. */
    private static short mark(long hash) {
        short mark = (short) hash;
        return mark == 0 ? 1 : mark;
    }

    private long hash(Claim claim) {
        long hash = mixed(seed ^ claim.address().bits()) + (claim.address().isVersion6() ? 1 : 0);
        String name = claim.name();
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * MULTIPLIER;
            hash ^= hash >>> Integer.SIZE;
        }
        return mixed(hash);
    }

    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> Integer.SIZE)) * MULTIPLIER;
        return mixed ^ (mixed >>> Integer.SIZE);
    }
}
