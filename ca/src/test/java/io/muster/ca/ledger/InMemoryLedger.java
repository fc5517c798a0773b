package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.issuance.IssuedCertificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A ledger for tests, as durable as the test; quick enough for hundreds of thousands of entries.
 */
public final class InMemoryLedger implements CertificateLedger {

    private final Map<CertificateId, LedgerEntry> entries = new HashMap<>();
    private final Map<KeyHash, Set<CertificateId>> byKey = new HashMap<>();

    @Override
    public synchronized Outcome reserve(Reservation reservation) {
        if (entries.containsKey(reservation.id())) {
            return Outcome.SERIAL_TAKEN;
        }
        List<LedgerEntry> sameKey = findByKey(reservation.key());
        if (sameKey.stream().anyMatch(InMemoryLedger::isCompromised)) {
            return Outcome.KEY_COMPROMISED;
        }
        if (sameKey.stream()
                .anyMatch(one -> !one.reservation().owner().equals(reservation.owner()))) {
            return Outcome.KEY_OF_ANOTHER;
        }
        String requestKey = reservation.requestKey();
        if (requestKey != null
                && findRequest(reservation.owner(), reservation.key(), requestKey).isPresent()) {
            return Outcome.ALREADY_REQUESTED;
        }
        if (!isRenewable(reservation)) {
            return Outcome.NOT_RENEWABLE;
        }
        put(new LedgerEntry(reservation, null, null));
        return Outcome.RESERVED;
    }

    private static boolean isCompromised(LedgerEntry entry) {
        Revocation revocation = entry.revocation();
        return revocation != null && revocation.reason() == RevocationReason.KEY_COMPROMISE;
    }

    private boolean isRenewable(Reservation reservation) {
        CertificateId before = reservation.renewedFrom();
        return before == null
                || find(before)
                        .filter(entry -> entry.isLive(reservation.time()))
                        .filter(entry -> entry.reservation().owner().equals(reservation.owner()))
                        .isPresent();
    }

    private void put(LedgerEntry entry) {
        entries.put(entry.id(), entry);
        byKey.computeIfAbsent(entry.reservation().key(), any -> new HashSet<>()).add(entry.id());
    }

    @Override
    public synchronized void record(CertificateId id, IssuedCertificate certificate) {
        LedgerEntry entry = entries.get(id);
        if (entry == null || entry.status() != LedgerEntry.Status.RESERVED) {
            throw new LedgerConflictException("certificate " + id + " is not reserved");
        }
        put(entry.signed(certificate));
    }

    @Override
    public synchronized Optional<LedgerEntry> revoke(CertificateId id, Revocation revocation) {
        Optional<LedgerEntry> revoked = find(id).map(entry -> entry.revoked(revocation));
        revoked.ifPresent(this::put);
        return revoked;
    }

    @Override
    public synchronized void abandon(CertificateId id, Revocation revocation) {
        find(id).filter(entry -> entry.status() == LedgerEntry.Status.RESERVED)
                .ifPresent(entry -> put(entry.revoked(revocation)));
    }

    @Override
    public synchronized Optional<LedgerEntry> find(CertificateId id) {
        return Optional.ofNullable(entries.get(id));
    }

    @Override
    public synchronized Optional<LedgerEntry> findRequest(
            String owner, KeyHash key, String requestKey) {
        return findByKey(key).stream()
                .filter(entry -> entry.reservation().owner().equals(owner))
                .filter(entry -> requestKey.equals(entry.reservation().requestKey()))
                .filter(entry -> entry.certificate() != null || entry.revocation() == null)
                .findAny();
    }

    @Override
    public synchronized List<LedgerEntry> findByKey(KeyHash key) {
        return byKey.getOrDefault(key, Set.of()).stream().map(entries::get).toList();
    }

    @Override
    public synchronized List<LedgerEntry> findLive(String owner, Instant time) {
        return where(
                        entry ->
                                entry.revocation() == null
                                        && entry.reservation().owner().equals(owner)
                                        && !time.isAfter(entry.reservation().validity().notAfter()))
                .toList();
    }

    @Override
    public synchronized List<LedgerEntry> findRenewedFrom(CertificateId id) {
        return where(entry -> id.equals(entry.reservation().renewedFrom())).toList();
    }

    @Override
    public synchronized List<LedgerEntry> findRevoked(
            IssuerId issuer, @Nullable SerialNumber after, int limit) {
        return where(
                        entry ->
                                entry.revocation() != null
                                        && entry.id().issuer().equals(issuer)
                                        && (after == null
                                                || entry.id().serial().compareTo(after) > 0))
                .sorted((one, other) -> one.id().serial().compareTo(other.id().serial()))
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized List<LedgerEntry> findReserved(Instant before, int limit) {
        return where(
                        entry ->
                                entry.status() == LedgerEntry.Status.RESERVED
                                        && entry.reservation().time().isBefore(before))
                .limit(limit)
                .toList();
    }

    private Stream<LedgerEntry> where(Predicate<LedgerEntry> condition) {
        return entries.values().stream().filter(condition);
    }

    /** All of them. */
    public synchronized List<LedgerEntry> all() {
        return List.copyOf(entries.values());
    }
}
