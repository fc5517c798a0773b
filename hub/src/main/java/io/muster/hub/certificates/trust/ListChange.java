package io.muster.hub.certificates.trust;

import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.revocation.CrlPartition;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Set;

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
        RevokedSerials before,
        RevokedSerials now,
        Set<String> issuers,
        Set<String> ended) {

    /** Copies the sets. */
    public ListChange {
        issuers = Set.copyOf(issuers);
        ended = Set.copyOf(ended);
    }

    /** Whether this one is on the list, and was not before. */
    public boolean isNew(BigInteger serial) {
        return now.contains(serial) && !before.contains(serial);
    }

    /** Whether it says of anybody what was not said before. Looks at all of them. */
    public boolean isEmpty() {
        return ended.isEmpty() && (issuers.isEmpty() || now.countNotIn(before) == 0);
    }

    /** This and a later change of the same partition, as one. */
    public ListChange then(ListChange later) {
        return new ListChange(
                partition, before, later.now, later.issuers, union(ended, later.ended));
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new HashSet<>(one);
        all.addAll(other);
        return all;
    }
}
