package io.muster.auth.x509.revocation;

import io.muster.auth.x509.crl.RevokedSerials;
import io.muster.auth.x509.crl.SerialNumber;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What an authority has revoked and told at once, before any list says so. It only grows. Shared;
 * whoever looks never waits, and sees what was added once the call that added it has returned.
 *
 * <p>What is new stands in a concurrent set, and moves now and then into a compact one: so a
 * million serial numbers take little memory, and adding one costs constant time on the average.
 */
final class AnnouncedRevocations {

    private static final int RECENT_MIN = 4096;

    private final Set<SerialNumber> recent = ConcurrentHashMap.newKeySet();
    private final ReentrantLock settling = new ReentrantLock();
    private volatile RevokedSerials settled = RevokedSerials.none();

    /**
     * Revokes one.
     *
     * @throws IllegalArgumentException if it is not positive or has more than 20 octets
     */
    void add(BigInteger serial) {
        add(SerialNumber.of(serial));
    }

    private void add(SerialNumber serial) {
        if (contains(serial)) {
            return;
        }
        recent.add(serial);
        // One thread copies the whole set; the others need not wait for it, nor do it again.
        if (areManyRecent() && settling.tryLock()) {
            try {
                if (areManyRecent()) {
                    settle(List.of());
                }
            } finally {
                settling.unlock();
            }
        }
    }

    private boolean areManyRecent() {
        return recent.size() > recentMax();
    }

    private int recentMax() {
        return Math.max(RECENT_MIN, settled.size() / 4);
    }

    /**
     * Revokes many, as at a start. However they are divided into calls, that takes time and memory
     * in proportion to how many there are.
     */
    void addAll(Collection<BigInteger> serials) {
        if (serials.size() <= recentMax()) {
            serials.forEach(serial -> add(SerialNumber.of(serial)));
            return;
        }
        settling.lock();
        try {
            List<SerialNumber> unknown =
                    serials.stream()
                            .map(SerialNumber::of)
                            .filter(serial -> !contains(serial))
                            .toList();
            if (!unknown.isEmpty()) {
                settle(unknown);
            }
        } finally {
            settling.unlock();
        }
    }

    private void settle(Collection<SerialNumber> serials) {
        List<SerialNumber> moving = new ArrayList<>(recent);
        List<SerialNumber> all = new ArrayList<>(moving);
        all.addAll(serials);
        settled = settled.withAll(all);
        // Only now: whoever does not find one here any more finds it there.
        moving.forEach(recent::remove);
    }

    /** Whether it was revoked. */
    boolean contains(SerialNumber serial) {
        // In this order, against that of settling.
        return recent.contains(serial) || settled.contains(serial);
    }

    /**
     * The same.
     *
     * @throws IllegalArgumentException if it is not positive or has more than 20 octets
     */
    boolean contains(BigInteger serial) {
        return contains(SerialNumber.of(serial));
    }

    /** How many were revoked, about while some are being added. */
    int size() {
        return recent.size() + settled.size();
    }
}
