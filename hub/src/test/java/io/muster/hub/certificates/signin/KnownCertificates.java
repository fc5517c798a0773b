package io.muster.hub.certificates.signin;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.certificates.GoodCertificates.Page;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The certificates that a registry of tests knows; counts what it is asked. Shared. */
final class KnownCertificates implements AwaySessions.Reading {

    private final Set<CertificateId> all = new TreeSet<>();
    private final Set<CertificateId> good = new TreeSet<>();
    private int answersUntilAway = Integer.MAX_VALUE;
    private boolean isAway;
    private int refused;
    private int pages;
    private int lookUps;

    synchronized void add(CertificateId id) {
        all.add(id);
        good.add(id);
    }

    /** One that is not good, and stays there. */
    synchronized void addOver(CertificateId id) {
        all.add(id);
    }

    /** It is away after so many more pages and look-ups. */
    synchronized void awayAfter(int moreAnswers) {
        answersUntilAway = pages + lookUps + moreAnswers;
    }

    synchronized void setAway(boolean away) {
        isAway = away;
        answersUntilAway = Integer.MAX_VALUE;
    }

    /** How often it was asked while it was away. */
    synchronized int refused() {
        return refused;
    }

    synchronized int pages() {
        return pages;
    }

    synchronized int lookUps() {
        return lookUps;
    }

    private void requireThere() {
        isAway |= pages + lookUps >= answersUntilAway;
        if (isAway) {
            refused++;
            throw new RegistryUnavailableException("away");
        }
    }

    @Override
    public synchronized long count(String issuer) {
        requireThere();
        return good.stream().filter(id -> id.issuer().equals(issuer)).count();
    }

    @Override
    public synchronized Page page(String issuer, String after, Instant now, int limit) {
        requireThere();
        pages++;
        List<CertificateId> looked =
                all.stream()
                        .filter(id -> id.issuer().equals(issuer))
                        .filter(id -> id.serial().compareTo(after) > 0)
                        .limit(limit)
                        .toList();
        return new Page(
                looked.stream().filter(good::contains).map(CertificateId::serial).toList(),
                looked.size() < limit
                        ? Optional.empty()
                        : Optional.of(looked.get(limit - 1).serial()));
    }

    @Override
    public synchronized Set<String> among(String issuer, Collection<String> serials, Instant now) {
        requireThere();
        lookUps++;
        Set<String> asked = new HashSet<>(serials);
        return good.stream()
                .filter(id -> id.issuer().equals(issuer))
                .map(CertificateId::serial)
                .filter(asked::contains)
                .collect(Collectors.toSet());
    }
}
