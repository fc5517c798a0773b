package io.muster.hub.certificates.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerConflictException;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.ledger.Revoked;
import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.Certificate;
import io.muster.devices.certificate.CertificateRefusal;
import io.muster.devices.registry.certificates.CertificateRegistry;
import io.muster.devices.registry.certificates.CertificateRevocations;
import io.muster.devices.registry.certificates.CertificateRevocations.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of the authority in the registry. Those who issue at one time share transactions,
 * whether they reserve or record, and so the wait for the disk. Shared; each method blocks, and
 * throws {@link RegistryUnavailableException} if the registry does not answer.
 */
public final class RegistryLedger implements CertificateLedger {

    /** So many reservations and certificates in one transaction at most. */
    private static final int TOGETHER_MAX = 100;

    /** How long somebody waits until those before him are written. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CertificateRegistry certificates;
    private final CertificateRevocations revocations;
    private final GroupedWrites<Write, Told> steps;

    /** What is written of a certificate. */
    private sealed interface Write {
        io.muster.devices.certificate.CertificateId id();
    }

    /** A reservation, as the registry takes it. */
    private record Wanted(io.muster.devices.certificate.Reservation row, int liveMax)
            implements Write {
        @Override
        public io.muster.devices.certificate.CertificateId id() {
            return row.id();
        }
    }

    /** What was signed. */
    private record Signed(
            io.muster.devices.certificate.CertificateId id,
            IssuedCertificate certificate,
            Instant time)
            implements Write {}

    /** What became of it: refused, or revoked, or neither. */
    private record Told(Optional<CertificateRefusal> refusal, boolean isRevoked) {}

    /** In these tables, which are of one database. */
    public RegistryLedger(CertificateRegistry certificates, CertificateRevocations revocations) {
        this.certificates = certificates;
        this.revocations = revocations;
        this.steps = new GroupedWrites<>(TOGETHER_MAX, PATIENCE, this::write);
    }

    @Override
    public Outcome reserve(Reservation reservation, int liveMax) {
        Wanted wanted = new Wanted(Entries.registered(reservation), liveMax);
        return steps.write(wanted)
                .refusal()
                .map(refusal -> Entries.outcome(wanted.id(), refusal))
                .orElse(Outcome.RESERVED);
    }

    @Override
    public boolean record(CertificateId id, IssuedCertificate certificate, Instant time) {
        try {
            return !steps.write(new Signed(Names.registered(id), certificate, time)).isRevoked();
        } catch (NotFoundException | IllegalStateException conflict) {
            throw new LedgerConflictException(
                    "certificate " + id + " is not recorded: " + conflict.getMessage());
        }
    }

    /** How many wait until those before them are written. */
    int waiting() {
        return steps.waiting();
    }

    /** Of several that are recorded together the time is that of the last. */
    private List<Told> write(List<Write> some) {
        Set<Object> seen = new HashSet<>();
        Map<io.muster.devices.certificate.Reservation, Integer> wanted = new LinkedHashMap<>();
        Map<io.muster.devices.certificate.CertificateId, byte[]> signed = new LinkedHashMap<>();
        Instant time = Instant.EPOCH;
        for (Write step : some) {
            // What is told of one would be told of the other: each by itself.
            if (!seen.add(step.id())) {
                throw new IllegalStateException("certificate " + step.id() + " comes twice");
            }
            if (step instanceof Wanted each) {
                wanted.put(each.row(), each.liveMax());
            } else if (step instanceof Signed each) {
                signed.put(each.id(), each.certificate().der());
                time = each.time().isAfter(time) ? each.time() : time;
            }
        }
        CertificateRegistry.Written written = certificates.write(wanted, signed, time);
        return some.stream()
                .map(
                        step ->
                                new Told(
                                        Optional.ofNullable(written.refused().get(step.id())),
                                        written.revoked().contains(step.id())))
                .toList();
    }

    @Override
    public boolean abandon(CertificateId id, Revocation revocation) {
        return revocations.revokeReserved(
                Names.registered(id), Entries.registered(revocation.withoutReason()));
    }

    @Override
    public List<CertificateId> abandonReserved(Instant before, Revocation revocation, int limit) {
        return revocations
                .revokeReserved(before, Entries.registered(revocation.withoutReason()), limit)
                .stream()
                .map(Names::issued)
                .toList();
    }

    // --------------------------------------------------------------------------------- revoking

    @Override
    public Optional<Revoked> revoke(CertificateId id, Revocation revocation) {
        try {
            CertificateRevocations.Revoked revoked =
                    revocations.revoke(Names.registered(id), Entries.registered(revocation));
            return Optional.of(
                    new Revoked(entry(revoked.certificate()), issued(revoked.changed())));
        } catch (NotFoundException unknown) {
            return Optional.empty();
        }
    }

    @Override
    public Set<CertificateId> revokeKey(KeyHash key, Revocation revocation) {
        return issued(revocations.revokeKey(Names.registered(key), Entries.registered(revocation)));
    }

    /**
     * A certificate of another authority that took along one of ours, or the other way round, is
     * not ours to tell of.
     */
    private static Set<CertificateId> issued(
            Collection<io.muster.devices.certificate.CertificateId> ids) {
        return ids.stream()
                .filter(id -> !id.isExternal())
                .map(Names::issued)
                .collect(Collectors.toSet());
    }

    @Override
    public Set<CertificateId> revokeAll(Owner owner, Revocation revocation) {
        return Names.registered(owner) instanceof io.muster.devices.certificate.Owner.Device device
                ? revokeAll(device.id(), revocation)
                : revokeLive(owner, revocation);
    }

    private Set<CertificateId> revokeAll(DeviceId device, Revocation revocation) {
        Set<CertificateId> changed = new LinkedHashSet<>();
        Optional<io.muster.devices.certificate.CertificateId> after = Optional.empty();
        do {
            Step step =
                    revocations.revokeSome(device, Entries.registered(revocation), after, STEP_MAX);
            changed.addAll(issued(step.revoked()));
            after = step.next();
        } while (after.isPresent());
        return changed;
    }

    private Set<CertificateId> revokeLive(Owner owner, Revocation revocation) {
        Set<CertificateId> changed = new HashSet<>();
        List<LedgerEntry> some;
        do {
            some = findLive(owner, revocation.time(), STEP_MAX);
            for (LedgerEntry entry : some) {
                revoke(entry.id(), revocation).ifPresent(done -> changed.addAll(done.changed()));
            }
        } while (some.size() == STEP_MAX);
        return changed;
    }

    // ---------------------------------------------------------------------------------- finding

    @Override
    public Optional<LedgerEntry> find(CertificateId id) {
        return certificates.find(Names.registered(id)).map(this::entry);
    }

    @Override
    public Optional<LedgerEntry> findRequest(
            Owner owner, KeyHash key, String requestKey, Instant time) {
        return certificates
                .findRequested(Names.registered(owner), Names.registered(key), requestKey, time)
                .map(this::entry);
    }

    @Override
    public List<LedgerEntry> findByKey(KeyHash key, int limit) {
        return entries(certificates.findByPublicKey(Names.registered(key), limit));
    }

    @Override
    public KeyUse useOf(KeyHash key, Instant time) {
        List<Certificate> rows = certificates.findByPublicKey(Names.registered(key), PAGE_MAX);
        return new KeyUse(
                rows.isEmpty() ? null : Names.issued(rows.get(0).owner()),
                rows.stream().anyMatch(row -> row.revocation().isEmpty() && !row.isExpired(time)),
                certificates.isCompromised(Names.registered(key)));
    }

    @Override
    public List<LedgerEntry> findLive(Owner owner, Instant time, int limit) {
        return entries(certificates.findLive(Names.registered(owner), time, limit));
    }

    @Override
    public long countUnexpired(IssuerId issuer, Instant time) {
        return certificates.countUnexpired(issuer.toString(), time);
    }

    @Override
    public Optional<LocalDate> lastDay(IssuerId issuer) {
        return certificates.lastDay(issuer.toString());
    }

    @Override
    public List<LedgerEntry> findRenewedByKey(
            KeyHash key, Instant since, @Nullable CertificateId after, int limit) {
        return entries(
                certificates.findRenewedByKey(
                        Names.registered(key),
                        since,
                        Optional.ofNullable(after).map(Names::registered),
                        limit));
    }

    private List<LedgerEntry> entries(List<Certificate> rows) {
        return rows.stream().filter(row -> !row.id().isExternal()).map(this::entry).toList();
    }

    /** What was recorded stays so, so it may be read by itself. */
    private LedgerEntry entry(Certificate row) {
        IssuedCertificate certificate =
                row.issuance().isEmpty()
                        ? null
                        : certificates.findDer(row.id()).map(IssuedCertificate::parse).orElse(null);
        return new LedgerEntry(
                Entries.issued(row.reservation()),
                certificate,
                row.revocation().map(Entries::issued).orElse(null));
    }
}
