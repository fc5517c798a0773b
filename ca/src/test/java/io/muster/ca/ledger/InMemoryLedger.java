package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.RevocationReason;
import io.muster.ca.crl.RevokedCertificate;
import io.muster.ca.issuance.IssuedCertificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A ledger for tests, as durable as the test; quick enough for hundreds of thousands of entries.
 * Each owner is there unless it is said to be gone.
 */
public final class InMemoryLedger implements CertificateLedger, CrlLedger {

    private static final Comparator<CertificateId> BY_NAME =
            Comparator.comparing((CertificateId id) -> id.issuer().toString())
                    .thenComparing(CertificateId::serial);

    private static final Comparator<LedgerEntry> LONGEST_FIRST =
            Comparator.comparing((LedgerEntry entry) -> entry.reservation().validity().notAfter())
                    .reversed();

    private final Map<CertificateId, LedgerEntry> entries = new HashMap<>();
    private final Map<KeyHash, Set<CertificateId>> byKey = new HashMap<>();
    private final Map<Owner, Set<CertificateId>> byOwner = new HashMap<>();
    private final Map<String, Set<CertificateId>> renewals = new HashMap<>();
    private final Map<CertificateId, RevokedCertificate> adopted = new HashMap<>();
    private final Set<KeyHash> compromised = new HashSet<>();
    private final Set<Owner> gone = new HashSet<>();
    private final Set<Owner> disabled = new HashSet<>();
    private final InMemoryRevocations revocations = new InMemoryRevocations();
    private final Map<List<Object>, Long> numbers = new HashMap<>();

    /** There is no such owner any more; its certificates are revoked. */
    public synchronized void remove(Owner owner) {
        gone.add(owner);
        revokeAll(
                owner,
                new Revocation(Instant.EPOCH, RevocationReason.CESSATION_OF_OPERATION, "deletion"));
    }

    /** The owner gets no more certificates. */
    public synchronized void disable(Owner owner) {
        disabled.add(owner);
    }

    @Override
    public synchronized Outcome reserve(Reservation reservation, int liveMax) {
        Owner owner = reservation.owner();
        if (gone.contains(owner)) {
            return Outcome.OWNER_UNKNOWN;
        }
        if (disabled.contains(owner)) {
            return Outcome.OWNER_DISABLED;
        }
        LedgerEntry there = entries.get(reservation.id());
        if (there != null) {
            boolean isSame =
                    there.reservation().equals(reservation)
                            && there.status() == LedgerEntry.Status.RESERVED;
            return isSame ? Outcome.RESERVED : Outcome.SERIAL_TAKEN;
        }
        Outcome outcome = outcome(reservation, liveMax);
        if (outcome == Outcome.RESERVED) {
            put(new LedgerEntry(reservation, null, null));
            String before = reservation.renewedFrom();
            if (before != null) {
                renewals.computeIfAbsent(before, any -> new HashSet<>()).add(reservation.id());
            }
        }
        return outcome;
    }

    private Outcome outcome(Reservation reservation, int liveMax) {
        Owner owner = reservation.owner();
        Instant now = reservation.request().time();
        String requestKey = reservation.request().key();
        if (adopted.containsKey(reservation.id())) {
            return Outcome.SERIAL_TAKEN;
        }
        if (requestKey != null
                && findRequest(owner, reservation.key(), requestKey, now).isPresent()) {
            return Outcome.ALREADY_REQUESTED;
        }
        if (!isRenewable(reservation)) {
            return Outcome.NOT_RENEWABLE;
        }
        if (owner instanceof Owner.Device && live(owner, now).count() >= liveMax) {
            return Outcome.LIMIT_REACHED;
        }
        if (ofKey(reservation.key())
                .anyMatch(entry -> !entry.reservation().owner().equals(owner))) {
            return Outcome.KEY_OF_ANOTHER;
        }
        return compromised.contains(reservation.key()) ? Outcome.KEY_COMPROMISED : Outcome.RESERVED;
    }

    private boolean isRenewable(Reservation reservation) {
        String before = reservation.renewedFrom();
        return before == null
                || entries.values().stream()
                        .filter(entry -> entry.id().toString().equals(before))
                        .findAny()
                        .filter(entry -> entry.status() == LedgerEntry.Status.VALID)
                        .filter(entry -> isUnexpired(entry, reservation.request().time()))
                        .filter(entry -> entry.reservation().owner().equals(reservation.owner()))
                        .isPresent();
    }

    private static boolean isUnexpired(LedgerEntry entry, Instant time) {
        return !time.isAfter(entry.reservation().validity().notAfter());
    }

    private void put(LedgerEntry entry) {
        entries.put(entry.id(), entry);
        byKey.computeIfAbsent(entry.reservation().key(), any -> new HashSet<>()).add(entry.id());
        byOwner.computeIfAbsent(entry.reservation().owner(), any -> new HashSet<>())
                .add(entry.id());
    }

    @Override
    public synchronized boolean record(
            CertificateId id, IssuedCertificate certificate, Instant time) {
        LedgerEntry entry = entries.get(id);
        if (entry == null) {
            throw new LedgerConflictException("certificate " + id + " is not reserved");
        }
        if (entry.certificate() != null && !entry.certificate().equals(certificate)) {
            throw new LedgerConflictException("another certificate was recorded as " + id);
        }
        put(entry.signed(certificate));
        return entry.revocation() == null;
    }

    @Override
    public synchronized boolean abandon(CertificateId id, Revocation revocation) {
        return find(id).filter(entry -> entry.status() == LedgerEntry.Status.RESERVED).isPresent()
                && !revoke(Set.of(id), revocation.withoutReason()).isEmpty();
    }

    @Override
    public synchronized List<CertificateId> abandonReserved(
            Instant before, Revocation revocation, int limit) {
        List<CertificateId> reserved =
                entries.values().stream()
                        .filter(entry -> entry.status() == LedgerEntry.Status.RESERVED)
                        .filter(entry -> entry.reservation().request().time().isBefore(before))
                        .limit(limit)
                        .map(LedgerEntry::id)
                        .toList();
        revoke(reserved, revocation.withoutReason());
        return reserved;
    }

    @Override
    public synchronized Optional<Revoked> revoke(CertificateId id, Revocation revocation) {
        return find(id).map(
                        entry -> {
                            Set<CertificateId> changed =
                                    revocation.isOfKey()
                                            ? revokeKey(entry.reservation().key(), revocation)
                                            : revoke(Set.of(id), revocation);
                            return new Revoked(find(id).orElseThrow(), changed);
                        });
    }

    @Override
    public synchronized Set<CertificateId> revokeKey(KeyHash key, Revocation revocation) {
        Set<CertificateId> ofKey = Set.copyOf(byKey.getOrDefault(key, Set.of()));
        Set<CertificateId> changed = new LinkedHashSet<>(revoke(ofKey, revocation));
        if (revocation.isOfKey()) {
            compromised.add(key);
            List<CertificateId> pending =
                    ofKey.stream()
                            .flatMap(id -> renewals.getOrDefault(id.toString(), Set.of()).stream())
                            .filter(id -> require(id).status() == LedgerEntry.Status.RESERVED)
                            .toList();
            changed.addAll(revoke(pending, revocation.withoutReason()));
        }
        return changed;
    }

    @Override
    public synchronized Set<CertificateId> revokeAll(Owner owner, Revocation revocation) {
        List<LedgerEntry> live = live(owner, revocation.time()).toList();
        if (!revocation.isOfKey()) {
            return revoke(live.stream().map(LedgerEntry::id).toList(), revocation);
        }
        Set<CertificateId> changed = new LinkedHashSet<>();
        live.forEach(entry -> changed.addAll(revokeKey(entry.reservation().key(), revocation)));
        return changed;
    }

    private LedgerEntry require(CertificateId id) {
        return Objects.requireNonNull(entries.get(id));
    }

    private Set<CertificateId> revoke(Collection<CertificateId> ids, Revocation revocation) {
        Set<CertificateId> changed = new LinkedHashSet<>();
        for (CertificateId id : ids) {
            LedgerEntry entry = require(id);
            Revocation first = entry.revocation();
            if (first == null || first.isAmendedBy(revocation)) {
                put(entry.revoked(revocation));
                changed.add(id);
            }
        }
        revocations.add(changed.stream().map(entries::get).toList());
        return changed;
    }

    @Override
    public synchronized Optional<LedgerEntry> find(CertificateId id) {
        return Optional.ofNullable(entries.get(id));
    }

    @Override
    public synchronized Optional<LedgerEntry> findRequest(
            Owner owner, KeyHash key, String requestKey, Instant time) {
        return ofKey(key)
                .filter(entry -> entry.reservation().owner().equals(owner))
                .filter(entry -> requestKey.equals(entry.reservation().request().key()))
                .filter(entry -> entry.revocation() == null && isUnexpired(entry, time))
                .findAny();
    }

    @Override
    public synchronized List<LedgerEntry> findByKey(KeyHash key, int limit) {
        return ofKey(key).sorted(LONGEST_FIRST).limit(limit).toList();
    }

    private Stream<LedgerEntry> ofKey(KeyHash key) {
        return byKey.getOrDefault(key, Set.of()).stream().map(entries::get);
    }

    @Override
    public synchronized KeyUse useOf(KeyHash key, Instant time) {
        return new KeyUse(
                ofKey(key).map(entry -> entry.reservation().owner()).findAny().orElse(null),
                ofKey(key)
                        .anyMatch(entry -> entry.revocation() == null && isUnexpired(entry, time)),
                compromised.contains(key));
    }

    @Override
    public synchronized List<LedgerEntry> findLive(Owner owner, Instant time, int limit) {
        return live(owner, time).sorted(LONGEST_FIRST).limit(limit).toList();
    }

    private Stream<LedgerEntry> live(Owner owner, Instant time) {
        Predicate<LedgerEntry> isLive =
                entry -> entry.revocation() == null && isUnexpired(entry, time);
        return byOwner.getOrDefault(owner, Set.of()).stream().map(entries::get).filter(isLive);
    }

    @Override
    public synchronized List<LedgerEntry> findRenewedByKey(
            KeyHash key, Instant since, @Nullable CertificateId after, int limit) {
        return byKey.getOrDefault(key, Set.of()).stream()
                .flatMap(id -> renewals.getOrDefault(id.toString(), Set.of()).stream())
                .sorted(BY_NAME)
                .filter(each -> after == null || BY_NAME.compare(each, after) > 0)
                .map(entries::get)
                .filter(entry -> !entry.reservation().request().time().isBefore(since))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Optional<LocalDate> lastDay(IssuerId issuer) {
        return entries.values().stream()
                .filter(entry -> entry.id().issuer().equals(issuer))
                .filter(entry -> entry.status() != LedgerEntry.Status.RESERVED)
                .map(entry -> entry.reservation().validity().notAfter())
                .max(Instant::compareTo)
                .map(last -> LocalDate.ofInstant(last, ZoneOffset.UTC));
    }

    @Override
    public synchronized long countUnexpired(IssuerId issuer, Instant time) {
        return entries.values().stream()
                .filter(entry -> entry.id().issuer().equals(issuer))
                .filter(entry -> entry.status() != LedgerEntry.Status.RESERVED)
                .filter(entry -> !entry.reservation().validity().notAfter().isBefore(time))
                .count();
    }

    @Override
    public synchronized List<Listed> revoked(IssuerId issuer, Position after, int limit) {
        return revocations.list(issuer, after, limit);
    }

    @Override
    public synchronized long lastNumber(IssuerId issuer, int partition) {
        return numbers.getOrDefault(List.of(issuer, partition), 0L);
    }

    @Override
    public synchronized long nextNumber(IssuerId issuer, int partition) {
        return numbers.merge(List.of(issuer, partition), 1L, Long::sum);
    }

    @Override
    public synchronized long raiseNumber(IssuerId issuer, int partition, long published) {
        return numbers.merge(List.of(issuer, partition), published, Math::max);
    }

    @Override
    public synchronized List<CertificateId> adopt(
            IssuerId issuer, Collection<RevokedCertificate> certificates, String actor) {
        List<CertificateId> changed = new ArrayList<>();
        for (RevokedCertificate each : certificates) {
            CertificateId id = new CertificateId(issuer, each.serial());
            LedgerEntry entry = entries.get(id);
            Revocation revocation = new Revocation(each.revokedAt(), each.reason(), actor);
            if (entry == null) {
                if (adopted.putIfAbsent(id, each) == null) {
                    revocations.add(issuer, each);
                    changed.add(id);
                }
                continue;
            }
            if (revocation.isOfKey()) {
                compromised.add(entry.reservation().key());
            }
            changed.addAll(revoke(Set.of(id), revocation));
        }
        return changed;
    }

    /** All of them. */
    public synchronized List<LedgerEntry> all() {
        return List.copyOf(entries.values());
    }
}
