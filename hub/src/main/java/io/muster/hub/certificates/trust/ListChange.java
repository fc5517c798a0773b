package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * That a list is in force instead of another one, or of none. Immutable.
 *
 * @param partition where
 * @param number of the change, greater for later changes of a partition: so who puts changes
 *     together need not know which was told first
 * @param before what was revoked by the one before
 * @param now what is revoked by this one
 * @param issuers what the registry calls those whose clients it is about
 * @param ended what it calls those who are on it themselves, and were not before, and those below
 */
public record ListChange(
        CrlPartition partition,
        long number,
        RevokedSerials before,
        RevokedSerials now,
        Set<String> issuers,
        Set<String> ended) {

    /** Copies the sets. */
    public ListChange {
        issuers = Set.copyOf(issuers);
        ended = Set.copyOf(ended);
    }

    /**
     * Whether this one is on the list, was not before, and has not been taken off again since: by
     * the list of the partition that is in force when this is asked.
     */
    public boolean isOver(BigInteger serial) {
        return now.contains(serial)
                && !before.contains(serial)
                && partition.current().map(list -> list.revoked().contains(serial)).orElse(true);
    }

    /** How many are on the list that were not before. Takes some ten nanoseconds for each of it. */
    public int countNew() {
        return now.countNotIn(before);
    }

    /**
     * Gives some of those that are on the list and were not before; see {@link
     * RevokedSerials#forEachNotIn}.
     *
     * @param from 0, or what was returned before
     * @return where to go on; empty if there are no more
     */
    public OptionalInt forEachNew(int from, int limit, Consumer<BigInteger> taker) {
        return now.forEachNotIn(before, from, limit, taker);
    }

    /** Whether it says of anybody what was not said before. Looks at all of them. */
    public boolean isEmpty() {
        return ended.isEmpty() && (issuers.isEmpty() || countNew() == 0);
    }

    /**
     * This and another change of the same partition, as one, whichever of both is later. New is who
     * is on the last list and was not on all of those before: who was taken off by one and is on
     * the next had time to come in between.
     */
    public ListChange with(ListChange other) {
        return new ListChange(
                partition,
                Math.max(number, other.number),
                before.and(other.before),
                number >= other.number ? now : other.now,
                union(issuers, other.issuers),
                union(ended, other.ended));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
