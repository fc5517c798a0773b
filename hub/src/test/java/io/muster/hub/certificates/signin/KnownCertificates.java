package io.muster.hub.certificates.signin;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The certificates that a registry of tests knows; counts what it is asked. Shared. */
final class KnownCertificates implements AwaySessions.Reading {

    private final Set<CertificateId> all = new TreeSet<>();
    private boolean isAway;
    private int refused;
    private int pages;
    private int lookUps;

    synchronized void add(CertificateId id) {
        all.add(id);
    }

    synchronized void setAway(boolean away) {
        isAway = away;
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
        if (isAway) {
            refused++;
            throw new RegistryUnavailableException("away");
        }
    }

    @Override
    public synchronized long count(String issuer) {
        requireThere();
        return all.stream().filter(id -> id.issuer().equals(issuer)).count();
    }

    @Override
    public synchronized List<String> page(String issuer, String after, Instant now, int limit) {
        requireThere();
        pages++;
        return all.stream()
                .filter(id -> id.issuer().equals(issuer))
                .map(CertificateId::serial)
                .filter(serial -> serial.compareTo(after) > 0)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Set<String> among(String issuer, Collection<String> serials, Instant now) {
        requireThere();
        lookUps++;
        Set<String> asked = new HashSet<>(serials);
        return all.stream()
                .filter(id -> id.issuer().equals(issuer))
                .map(CertificateId::serial)
                .filter(asked::contains)
                .collect(Collectors.toSet());
    }
}
