package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * That a list is in force instead of another one, or of none. Immutable.
 *
 * @param partition where
 * @param before what was revoked by the one before
 * @param now what is revoked by this one
 * @param issuers what the registry calls those whose clients it is about
 * @param ended what it calls those who are on it themselves, and were not before, and those below
 */
public record ListChange(
        CrlPartition partition,
        Version before,
        Version now,
        Set<String> issuers,
        Set<String> ended) {

    /**
     * What a list revokes.
     *
     * @param number of the change that it is of, greater for later changes of a partition: so who
     *     puts changes together need not know which was told first
     */
    record Version(long number, RevokedSerials revoked) {}

    /** Copies the sets. */
    public ListChange {
        issuers = Set.copyOf(issuers);
        ended = Set.copyOf(ended);
    }

    /**
     * A change.
     *
     * @param number greater than those of earlier changes of the partition
     */
    public static ListChange of(
            long number,
            CrlPartition partition,
            RevokedSerials before,
            RevokedSerials now,
            Set<String> issuers,
            Set<String> ended) {
        return new ListChange(
                partition, new Version(number, before), new Version(number, now), issuers, ended);
    }

    /** Whether this one is on the list, and was not before. */
    public boolean isNew(BigInteger serial) {
        return now.revoked().contains(serial) && !before.revoked().contains(serial);
    }

    /** How many are on the list that were not before. Takes some ten nanoseconds for each of it. */
    public int countNew() {
        return now.revoked().countNotIn(before.revoked());
    }

    /** Gives those that are on the list and were not before, in no order. */
    public void forEachNew(Consumer<BigInteger> taker) {
        now.revoked().forEachNotIn(before.revoked(), taker);
    }

    /** Whether it says of anybody what was not said before. Looks at all of them. */
    public boolean isEmpty() {
        return ended.isEmpty() && (issuers.isEmpty() || countNew() == 0);
    }

    /**
     * This and another change of the same partition, as one: from what was before the earlier one
     * to what is since the later one, whichever of both this is.
     */
    public ListChange with(ListChange other) {
        return new ListChange(
                partition,
                before.number() <= other.before.number() ? before : other.before,
                now.number() >= other.now.number() ? now : other.now,
                union(issuers, other.issuers),
                union(ended, other.ended));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
